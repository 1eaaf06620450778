# The service on a CPU. The steps are the README's: pip install . with the cpu extra, then serve.
FROM python:3.12-slim AS build
COPY . /src
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /src

FROM python:3.12-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
COPY --from=build /wheels /wheels
# The wheel is this source itself, so there is no version of it to pin.
# hadolint ignore=DL3013
RUN wheel="$(echo /wheels/jointwise-*.whl)" \
    && pip install --no-cache-dir "${wheel}[cpu]" \
    && rm -r /wheels \
    && useradd --create-home --uid 10001 jointwise
USER 10001
WORKDIR /home/jointwise
# Everyone on the network can reach a container's port, so a token must be given at the start:
#   docker run -p 8765:8765 -e JOINTWISE_SUBSCRIBE_TOKEN=choose-one jointwise
ENV JOINTWISE_HOST=0.0.0.0
EXPOSE 8765
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/health')"]
ENTRYPOINT ["jointwise", "serve"]
CMD ["--source", "demo:"]
