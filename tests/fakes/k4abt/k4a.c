/* A stand-in for libk4a: captures and images in memory, and a scripted camera.
 *
 * Handles are counted (stub_k4a_alive) and carry a mark. A handle of another library is refused, as
 * the real one does. STUB_K4A in the environment scripts the camera:
 *   captures=N  lose the camera after N        no_depth_every=N  every Nth capture lacks depth
 *   cameras=N   number of cameras (1)          step_ms=N         pause between captures
 *   no_start=1  the camera opens but does not start
 */
#define _GNU_SOURCE
#include "k4a.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CAPTURE_MARK = 0x43415054, IMAGE_MARK = 0x494d4147, DEPTH = 0, INFRARED = 1, COLOR = 2 };

struct stub_image {
    int mark;
    atomic_int references;
    int format, width, height, stride;
    size_t size;
    uint8_t *buffer;
    free_buffer_t free_buffer;
    void *context;
    uint64_t device_usec, system_ns;
};

struct stub_capture {
    int mark;
    atomic_int references;
    k4a_image_t images[3];
};

struct stub_device {
    int running, given;
};

static atomic_int captures_alive, images_alive, refused, devices_open;

int stub_k4a_alive(void) { return captures_alive + images_alive; }
int stub_k4a_refused(void) { return refused; }
int stub_k4a_devices_open(void) { return devices_open; }

static int option(const char *name, int otherwise)
{
    const char *script = getenv("STUB_K4A");
    const char *at = script ? strstr(script, name) : NULL;
    return at ? atoi(at + strlen(name) + 1) : otherwise;
}

static int known(int *mark, int wanted)
{
    if (mark != NULL && *mark == wanted) return 1;
    refused++;
    return 0;
}

int k4a_capture_create(k4a_capture_t *out)
{
    *out = calloc(1, sizeof **out);
    (*out)->mark = CAPTURE_MARK;
    (*out)->references = 1;
    captures_alive++;
    return RESULT_SUCCEEDED;
}

void k4a_capture_reference(k4a_capture_t capture)
{
    if (known((int *)capture, CAPTURE_MARK)) capture->references++;
}

void k4a_capture_release(k4a_capture_t capture)
{
    if (!known((int *)capture, CAPTURE_MARK) || --capture->references > 0) return;
    for (int i = 0; i < 3; i++)
        if (capture->images[i]) k4a_image_release(capture->images[i]);
    capture->mark = 0;
    free(capture);
    captures_alive--;
}

void k4a_image_reference(k4a_image_t image)
{
    if (known((int *)image, IMAGE_MARK)) image->references++;
}

void k4a_image_release(k4a_image_t image)
{
    if (!known((int *)image, IMAGE_MARK) || --image->references > 0) return;
    if (image->free_buffer) image->free_buffer(image->buffer, image->context);
    else free(image->buffer);
    image->mark = 0;
    free(image);
    images_alive--;
}

int k4a_image_create_from_buffer(int format, int width, int height, int stride, uint8_t *buffer,
                                 size_t size, free_buffer_t free_buffer, void *context,
                                 k4a_image_t *out)
{
    k4a_image_t image = calloc(1, sizeof *image);
    *image = (struct stub_image){IMAGE_MARK, 1, format, width, height, stride, size, buffer,
                                 free_buffer, context, 0, 0};
    images_alive++;
    *out = image;
    return RESULT_SUCCEEDED;
}

int k4a_image_create(int format, int width, int height, int stride, k4a_image_t *out)
{
    if (width <= 0 || height <= 0 || stride < 0) return RESULT_FAILED;
    size_t size = (size_t)height * (size_t)stride;
    return k4a_image_create_from_buffer(format, width, height, stride, calloc(1, size), size, NULL,
                                        NULL, out);
}

uint8_t *k4a_image_get_buffer(k4a_image_t image) { return image->buffer; }
size_t k4a_image_get_size(k4a_image_t image) { return image->size; }
int k4a_image_get_format(k4a_image_t image) { return image->format; }
int k4a_image_get_width_pixels(k4a_image_t image) { return image->width; }
int k4a_image_get_height_pixels(k4a_image_t image) { return image->height; }
int k4a_image_get_stride_bytes(k4a_image_t image) { return image->stride; }
uint64_t k4a_image_get_system_timestamp_nsec(k4a_image_t image) { return image->system_ns; }
void k4a_image_set_device_timestamp_usec(k4a_image_t image, uint64_t t) { image->device_usec = t; }

uint64_t k4a_image_get_device_timestamp_usec(k4a_image_t image)
{
    return known((int *)image, IMAGE_MARK) ? image->device_usec : 0;
}

static k4a_image_t get_image(k4a_capture_t capture, int kind)
{
    if (!known((int *)capture, CAPTURE_MARK) || !capture->images[kind]) return NULL;
    k4a_image_reference(capture->images[kind]);
    return capture->images[kind];
}

static void set_image(k4a_capture_t capture, int kind, k4a_image_t image)
{
    if (!known((int *)capture, CAPTURE_MARK)) return;
    if (capture->images[kind]) k4a_image_release(capture->images[kind]);
    if (image) k4a_image_reference(image);
    capture->images[kind] = image;
}

k4a_image_t k4a_capture_get_depth_image(k4a_capture_t c) { return get_image(c, DEPTH); }
k4a_image_t k4a_capture_get_ir_image(k4a_capture_t c) { return get_image(c, INFRARED); }
k4a_image_t k4a_capture_get_color_image(k4a_capture_t c) { return get_image(c, COLOR); }
void k4a_capture_set_depth_image(k4a_capture_t c, k4a_image_t i) { set_image(c, DEPTH, i); }
void k4a_capture_set_ir_image(k4a_capture_t c, k4a_image_t i) { set_image(c, INFRARED, i); }
void k4a_capture_set_color_image(k4a_capture_t c, k4a_image_t i) { set_image(c, COLOR, i); }

int k4a_calibration_get_from_raw(const char *raw, size_t size, int depth_mode, int color, void *out)
{
    if (size == 0 || raw[size - 1] != 0 || !strstr(raw, "CalibrationInformation"))
        return RESULT_FAILED;
    memset(out, 0, CALIBRATION_BYTES);
    ((int32_t *)out)[256] = depth_mode;
    ((int32_t *)out)[257] = color;
    return RESULT_SUCCEEDED;
}

uint32_t k4a_device_get_installed_count(void) { return (uint32_t)option("cameras", 1); }

int k4a_device_open(uint32_t index, k4a_device_t *out)
{
    if (index >= k4a_device_get_installed_count()) return RESULT_FAILED;
    *out = calloc(1, sizeof **out);
    devices_open++;
    return RESULT_SUCCEEDED;
}

void k4a_device_close(k4a_device_t device)
{
    free(device);
    devices_open--;
}

int k4a_device_start_cameras(k4a_device_t device, const void *config)
{
    (void)config;
    if (option("no_start", 0)) return RESULT_FAILED;
    device->running = 1;
    return RESULT_SUCCEEDED;
}

void k4a_device_stop_cameras(k4a_device_t device) { device->running = 0; }
int k4a_device_start_imu(k4a_device_t device) { return device ? RESULT_SUCCEEDED : RESULT_FAILED; }
void k4a_device_stop_imu(k4a_device_t device) { (void)device; }

int k4a_device_get_calibration(k4a_device_t device, int depth_mode, int color, void *out)
{
    (void)device;
    return k4a_calibration_get_from_raw("CalibrationInformation", 23, depth_mode, color, out);
}

int k4a_device_get_capture(k4a_device_t device, k4a_capture_t *out, int32_t timeout_ms)
{
    (void)timeout_ms;
    *out = NULL;
    if (!device->running || device->given >= option("captures", 1 << 30)) return RESULT_FAILED;
    usleep((useconds_t)(1000 * option("step_ms", 1)));
    int number = ++device->given, every = option("no_depth_every", 0);
    k4a_capture_create(out);
    for (int kind = DEPTH; kind <= INFRARED; kind++) {
        k4a_image_t image;
        if (kind == DEPTH && every && number % every == 0) continue;
        k4a_image_create(kind + 4, 8, 8, 16, &image);
        image->device_usec = (uint64_t)number * 33333;
        set_image(*out, kind, image);
        k4a_image_release(image);
    }
    return RESULT_SUCCEEDED;
}
