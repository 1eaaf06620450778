import { LiveState } from "../../src/state/live_state";
import { ServiceClock } from "../../src/state/service_clock";
import { LiveScreen } from "../../src/screens/live";
import { hello } from "../builders";

/** A screen of a connected service. */
export function live(): { screen: LiveScreen; state: LiveState; clock: ServiceClock } {
  const state = new LiveState();
  state.apply(hello());
  const clock = new ServiceClock();
  const screen = new LiveScreen(state, clock);
  screen.stream = "demo";
  screen.connected = true;
  return { screen, state, clock };
}
