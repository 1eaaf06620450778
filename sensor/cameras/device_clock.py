"""Maps a device's timestamps to the host's monotonic clock."""

from __future__ import annotations


class DeviceClock:
    """Puts device times on the host's monotonic clock.

    A frame is handed over late by a delay that is never negative and often large: it queues. So
    what a frame shows is never less than the true offset between the clocks, and the lowest seen
    is the best; a mean would carry the queue into the times. The offset follows a lower one at
    once, and otherwise rises by `drift_ppm`, a little more than any device's clock loses.
    Where the clocks drift apart by at most that, a time is never earlier than the truth, and
    later by at most the least of (delay + 2 * drift_ppm * age) over the frames so far; the
    delay that every frame has is part of what is called truth here.

    A late frame is no jump of the clock, however late. Only when the device's time runs back (it
    began anew), or every frame of `hold_s` is more than `stuck_s` late (it stood still), the
    offset is taken afresh. Times rise with the device's, and never lie in the host's future.
    """

    def __init__(
        self, drift_ppm: float = 500.0, stuck_s: float = 0.25, hold_s: float = 5.0
    ) -> None:
        self.restarts = 0
        self._drift = drift_ppm * 1e-6
        self._stuck_ns = round(stuck_s * 1e9)
        self._hold_ns = round(hold_s * 1e9)
        self._device_ns: int | None = None
        self._host_ns = 0
        self._offset_ns = 0
        self._late_since_ns: int | None = None
        self._least_late_ns = 0

    def host_ns(self, device_ns: int, received_ns: int) -> int:
        """When, on the host's clock, the frame of `device_ns` was captured.

        `received_ns` is the host's clock as the frame was handed over. Call it with each frame
        of the device, in order.
        """
        seen_ns = received_ns - device_ns
        step_ns = 0 if self._device_ns is None else device_ns - self._device_ns
        if self._device_ns is None or step_ns < 0:
            self.restarts += self._device_ns is not None
            self._begin(seen_ns)
            host_ns = received_ns
        else:
            rise_ns = round(step_ns * self._drift)
            self._offset_ns = min(seen_ns, self._offset_ns + rise_ns)
            self._watch_late(seen_ns, received_ns)
            # Where the offset falls at once, time still goes on at half its pace.
            host_ns = max(device_ns + self._offset_ns, self._host_ns + step_ns // 2)
        self._device_ns = device_ns
        self._host_ns = min(host_ns, received_ns)
        return self._host_ns

    def _begin(self, offset_ns: int) -> None:
        self._offset_ns = offset_ns
        self._late_since_ns = None

    def _watch_late(self, seen_ns: int, received_ns: int) -> None:
        if seen_ns - self._offset_ns <= self._stuck_ns:
            self._late_since_ns = None
        elif self._late_since_ns is None:
            self._late_since_ns = received_ns
            self._least_late_ns = seen_ns
        else:
            self._least_late_ns = min(self._least_late_ns, seen_ns)
            if received_ns - self._late_since_ns >= self._hold_ns:
                self.restarts += 1
                self._begin(self._least_late_ns)
