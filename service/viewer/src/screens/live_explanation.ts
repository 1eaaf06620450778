/** The explanations of a live stream: the heat map of the moment, and questions about actions. */

import type { Hello, RelevanceMessage } from "../wire/messages";
import { fetchWhy } from "../wire/why";
import { emptyHeatmap, heatmapOf, type HeatmapData, jointOrder } from "../state/joint_heat";
import type { WhyQuestion } from "../state/screen";
import type { BodyState } from "../state/stream_view";

/** The heat map of an explanation of `body`, whose newest frame is `lateNs` old. */
export function liveHeatmap(
  { model, layout }: Hello,
  explanation: RelevanceMessage | null,
  body: BodyState | null,
  lateNs: number,
): HeatmapData {
  const order = jointOrder(layout.joints, model.joints_used);
  const joints = order.map((j) => layout.joints[j]!);
  if (!explanation) return emptyHeatmap(joints);
  const { relevance, captured_ns: atNs } = explanation;
  const spanS = (relevance.map.length * relevance.step_frames) / model.rate_hz;
  const behindNs = Math.max(0, (body?.prediction?.captured_ns ?? atNs) - atNs);
  return { ...heatmapOf(relevance, order, spanS, (behindNs + lateNs) / 1e9), joints };
}

/** The question why the live action with this id got its label, "" if that is not known. */
export function liveQuestion(id: string, label: string): WhyQuestion {
  return { id, label, ask: (options) => fetchWhy(id, options) };
}
