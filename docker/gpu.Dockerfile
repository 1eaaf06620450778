# The service on an NVIDIA GPU: the CPU image's steps with the gpu extra.
#   docker build -f docker/gpu.Dockerfile -t jointwise-gpu .
#   docker run --gpus all -p 8765:8765 -e JOINTWISE_SUBSCRIBE_TOKEN=choose-one jointwise-gpu
FROM python:3.12-slim AS build
COPY . /src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /src

FROM nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# The distribution's Python gets security fixes; its version is what the image's release has.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/jointwise \
    && useradd --create-home --uid 10001 jointwise
COPY --from=build /wheels /wheels
RUN wheel="$(echo /wheels/jointwise-*.whl)" \
    && /opt/jointwise/bin/pip install --no-cache-dir "${wheel}[gpu]" \
    && rm -r /wheels
USER 10001
WORKDIR /home/jointwise
ENV PATH=/opt/jointwise/bin:$PATH JOINTWISE_HOST=0.0.0.0 JOINTWISE_DEVICE=cuda
EXPOSE 8765
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/health')"]
ENTRYPOINT ["jointwise", "serve"]
CMD ["--source", "demo:"]
