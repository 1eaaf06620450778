/* The part of the sensor library's documented ABI that the stubs use, written for these tests. */
#ifndef STUB_K4A_H
#define STUB_K4A_H
#include <stddef.h>
#include <stdint.h>

typedef struct stub_capture *k4a_capture_t;
typedef struct stub_image *k4a_image_t;
typedef struct stub_device *k4a_device_t;
typedef void (*free_buffer_t)(void *buffer, void *context);

enum { RESULT_SUCCEEDED = 0, RESULT_FAILED = 1, RESULT_TIMEOUT = 2 };
enum { CALIBRATION_BYTES = 1032 };

int k4a_capture_create(k4a_capture_t *out);
void k4a_capture_reference(k4a_capture_t capture);
void k4a_capture_release(k4a_capture_t capture);
k4a_image_t k4a_capture_get_depth_image(k4a_capture_t capture);
k4a_image_t k4a_capture_get_ir_image(k4a_capture_t capture);
uint64_t k4a_image_get_device_timestamp_usec(k4a_image_t image);
void k4a_image_release(k4a_image_t image);
#endif
