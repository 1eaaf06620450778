/* A stand-in for libk4abt: scripted people instead of a network, with the documented prototypes.
 * -DCONFIG_BYTES=12 gives the configuration of 1.0.x, 24 (the default) that of 1.1.x.
 *
 * STUB_K4ABT in the environment scripts it; it is read when a tracker is created:
 *   bodies=N (1)      people in each frame          swap_every=N     change their order
 *   empty_every=N     every Nth frame has nobody    timeout_every=N  every Nth pop times out
 *   silent_after=N    no result after N             crash_after=N    crash after N results
 *   silent_trackers=N only the first N trackers of the process fall silent (1)
 *   hang_after=N      enqueue_capture hangs after N results
 *   fail_after=N      pop_result fails after N      refuse_create=1  no tracker can be created
 */
#define _GNU_SOURCE
#include "k4a.h"
#include "person.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef CONFIG_BYTES
#define CONFIG_BYTES 24
#endif

enum { QUEUE = 3, MOST_BODIES = 8 };

typedef struct {
    int32_t sensor_orientation;
    int32_t processing_mode;
    int32_t gpu_device_id;
#if CONFIG_BYTES == 24
    const char *model_path;
#endif
} config_t;
_Static_assert(sizeof(config_t) == CONFIG_BYTES, "size of the configuration");

typedef struct frame {
    uint64_t device_usec;
    int number, bodies, turned;
    k4a_capture_t capture;
} frame_t;

typedef struct tracker {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    frame_t *queue[QUEUE];
    int waiting, enqueued, popped, pops, ordinal, shut;
    int bodies, swap_every, empty_every, timeout_every, silent_after, crash_after, fail_after;
    int hang_after;
} tracker_t;

static atomic_int trackers_made, trackers_alive, frames_alive, frames_made;
static atomic_int last_mode, last_orientation, last_gpu;
static char last_model[512];

int stub_trackers_made(void) { return trackers_made; }
int stub_trackers_alive(void) { return trackers_alive; }
int stub_frames_alive(void) { return frames_alive; }
int stub_frames_made(void) { return frames_made; }
void stub_reset(void) { trackers_made = frames_made = 0; }
int stub_last_mode(void) { return last_mode; }
int stub_last_orientation(void) { return last_orientation; }
int stub_last_gpu(void) { return last_gpu; }
const char *stub_last_model(void) { return last_model; }

static int option(const char *name, int otherwise)
{
    const char *script = getenv("STUB_K4ABT");
    const char *at = script ? strstr(script, name) : NULL;
    return at ? atoi(at + strlen(name) + 1) : otherwise;
}

static struct timespec deadline(int32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t ns = until.tv_nsec + (int64_t)timeout_ms * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    return until;
}

int k4abt_tracker_create(const void *calibration, config_t config, tracker_t **out)
{
    *out = NULL;
    uint8_t sum = 0;
    for (int i = 0; i < CALIBRATION_BYTES; i++) sum += ((const volatile uint8_t *)calibration)[i];
    (void)sum;
    if (option("refuse_create", 0) || config.sensor_orientation < 0 ||
        config.sensor_orientation > 3 || config.processing_mode < 0 || config.processing_mode > 4)
        return RESULT_FAILED;
    last_mode = config.processing_mode;
    last_orientation = config.sensor_orientation;
    last_gpu = config.gpu_device_id;
    last_model[0] = 0;
#if CONFIG_BYTES == 24
    if (config.model_path) strncpy(last_model, config.model_path, sizeof last_model - 1);
#endif
    tracker_t *tracker = calloc(1, sizeof *tracker);
    pthread_mutex_init(&tracker->lock, NULL);
    pthread_cond_init(&tracker->changed, NULL);
    tracker->ordinal = ++trackers_made;
    tracker->bodies = option("bodies", 1);
    tracker->swap_every = option("swap_every", 0);
    tracker->empty_every = option("empty_every", 0);
    tracker->timeout_every = option("timeout_every", 0);
    tracker->silent_after =
        tracker->ordinal <= option("silent_trackers", 1) ? option("silent_after", 0) : 0;
    tracker->crash_after = option("crash_after", 0);
    tracker->hang_after = option("hang_after", 0);
    tracker->fail_after = tracker->ordinal == 1 ? option("fail_after", 0) : 0;
    trackers_alive++;
    *out = tracker;
    return RESULT_SUCCEEDED;
}

int k4abt_tracker_set_temporal_smoothing(tracker_t *tracker, float smoothing)
{
    return tracker && smoothing >= 0 && smoothing <= 1 ? RESULT_SUCCEEDED : RESULT_FAILED;
}

static int depth_usec(k4a_capture_t capture, uint64_t *out)
{
    k4a_image_t depth = k4a_capture_get_depth_image(capture);
    k4a_image_t infrared = k4a_capture_get_ir_image(capture);
    int whole = depth && infrared;
    if (whole) *out = k4a_image_get_device_timestamp_usec(depth);
    if (depth) k4a_image_release(depth);
    if (infrared) k4a_image_release(infrared);
    return whole;
}

int k4abt_tracker_enqueue_capture(tracker_t *tracker, k4a_capture_t capture, int32_t timeout_ms)
{
    uint64_t usec;
    while (tracker->hang_after && tracker->popped >= tracker->hang_after) pause();
    if (!depth_usec(capture, &usec)) return RESULT_FAILED;
    struct timespec until = deadline(timeout_ms);
    int result = RESULT_SUCCEEDED;
    pthread_mutex_lock(&tracker->lock);
    while (tracker->waiting == QUEUE && !tracker->shut && result == RESULT_SUCCEEDED)
        if (pthread_cond_timedwait(&tracker->changed, &tracker->lock, &until))
            result = RESULT_TIMEOUT;
    if (tracker->shut) result = RESULT_FAILED;
    if (result == RESULT_SUCCEEDED) {
        frame_t *frame = calloc(1, sizeof *frame);
        frame->number = ++tracker->enqueued;
        frame->device_usec = usec;
        frame->bodies = tracker->bodies > MOST_BODIES ? MOST_BODIES : tracker->bodies;
        if (tracker->empty_every && frame->number % tracker->empty_every == 0) frame->bodies = 0;
        frame->turned = tracker->swap_every && (frame->number / tracker->swap_every) % 2;
        frame->capture = capture;
        k4a_capture_reference(capture);
        tracker->queue[tracker->waiting++] = frame;
        pthread_cond_broadcast(&tracker->changed);
    }
    pthread_mutex_unlock(&tracker->lock);
    return result;
}

int k4abt_tracker_pop_result(tracker_t *tracker, frame_t **out, int32_t timeout_ms)
{
    struct timespec until = deadline(timeout_ms);
    int result = RESULT_SUCCEEDED;
    *out = NULL;
    pthread_mutex_lock(&tracker->lock);
    int silent = tracker->silent_after && tracker->popped >= tracker->silent_after;
    int odd = tracker->timeout_every && ++tracker->pops % tracker->timeout_every == 0;
    if (tracker->crash_after && tracker->popped >= tracker->crash_after) raise(SIGSEGV);
    if (tracker->fail_after && tracker->popped >= tracker->fail_after) result = RESULT_FAILED;
    while (result == RESULT_SUCCEEDED && (silent || odd || tracker->waiting == 0) && !tracker->shut)
        if (odd || pthread_cond_timedwait(&tracker->changed, &tracker->lock, &until))
            result = RESULT_TIMEOUT;
    if (tracker->shut && tracker->waiting == 0) result = RESULT_FAILED;
    if (result == RESULT_SUCCEEDED) {
        *out = tracker->queue[0];
        memmove(tracker->queue, tracker->queue + 1, (QUEUE - 1) * sizeof *tracker->queue);
        tracker->waiting--;
        tracker->popped++;
        frames_alive++;
        frames_made++;
        pthread_cond_broadcast(&tracker->changed);
    }
    pthread_mutex_unlock(&tracker->lock);
    return result;
}

static void drop(frame_t *frame)
{
    k4a_capture_release(frame->capture);
    free(frame);
}

void k4abt_frame_release(frame_t *frame)
{
    frames_alive--;
    drop(frame);
}

uint32_t k4abt_frame_get_num_bodies(frame_t *frame) { return (uint32_t)frame->bodies; }
uint64_t k4abt_frame_get_device_timestamp_usec(frame_t *frame) { return frame->device_usec; }

static int person_at(const frame_t *frame, uint32_t index)
{
    return frame->turned ? frame->bodies - 1 - (int)index : (int)index;
}

uint32_t k4abt_frame_get_body_id(frame_t *frame, uint32_t index)
{
    if ((int)index >= frame->bodies) return UINT32_MAX;
    return (uint32_t)person_at(frame, index) + 1;
}

int k4abt_frame_get_body_skeleton(frame_t *frame, uint32_t index, skeleton_t *out)
{
    if ((int)index >= frame->bodies) return RESULT_FAILED;
    fill_skeleton(out, person_at(frame, index), frame->device_usec);
    return RESULT_SUCCEEDED;
}

void k4abt_tracker_shutdown(tracker_t *tracker)
{
    pthread_mutex_lock(&tracker->lock);
    tracker->shut = 1;
    pthread_cond_broadcast(&tracker->changed);
    pthread_mutex_unlock(&tracker->lock);
}

void k4abt_tracker_destroy(tracker_t *tracker)
{
    for (int i = 0; i < tracker->waiting; i++) drop(tracker->queue[i]);
    pthread_cond_destroy(&tracker->changed);
    pthread_mutex_destroy(&tracker->lock);
    free(tracker);
    trackers_alive--;
}
