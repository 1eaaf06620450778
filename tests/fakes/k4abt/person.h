/* The scripted people of the stub tracker, as skeletons of the documented ABI. */
#ifndef STUB_PERSON_H
#define STUB_PERSON_H
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { JOINTS = 32, WRIST_RIGHT = 14, HAND_RIGHT = 15 };

typedef struct {
    float position_mm[3];
    float orientation_wxyz[4];
    int32_t confidence;
} joint_t;
typedef struct {
    joint_t joints[JOINTS];
} skeleton_t;
_Static_assert(sizeof(joint_t) == 32 && sizeof(skeleton_t) == 1024, "sizes of the skeleton");

/* A grown person who faces the camera 2.5 m away, in the camera's own axes: millimetres, x to the
 * right of the picture, y DOWN, z forward. The person's left side is at the right of the picture. */
static const float PERSON_MM[JOINTS][3] = {
    {0, 100, 2500},      {0, -70, 2500},      {0, -200, 2500},     {0, -470, 2500},
    {30, -400, 2500},    {170, -350, 2500},   {220, -80, 2500},    {230, 140, 2450},
    {230, 220, 2440},    {230, 290, 2430},    {200, 200, 2400},    {-30, -400, 2500},
    {-170, -350, 2500},  {-220, -80, 2500},   {-230, 140, 2450},   {-230, 220, 2440},
    {-230, 290, 2430},   {-200, 200, 2400},   {90, 120, 2500},     {100, 520, 2500},
    {100, 900, 2530},    {110, 960, 2420},    {-90, 120, 2500},    {-100, 520, 2500},
    {-100, 900, 2530},   {-110, 960, 2420},   {0, -600, 2500},     {0, -580, 2380},
    {30, -620, 2420},    {70, -600, 2500},    {-30, -620, 2420},   {-70, -600, 2500},
};

/* Person 0 stands in front of the camera, each further one 0.8 m to the right; the right hand is
 * up and swings once a second. The last joint has no confidence, another a low one. */
static void fill_skeleton(skeleton_t *out, int person, uint64_t device_usec)
{
    float side_mm = 800.0f * (float)person;
    float swing_mm = 150.0f * sinf((float)device_usec * 6.2831853e-6f);
    for (int j = 0; j < JOINTS; j++) {
        joint_t *joint = &out->joints[j];
        memcpy(joint->position_mm, PERSON_MM[j], sizeof joint->position_mm);
        joint->position_mm[0] += side_mm;
        if (j == WRIST_RIGHT || j == HAND_RIGHT) {
            joint->position_mm[0] += swing_mm;
            joint->position_mm[1] -= 600.0f;
        }
        memcpy(joint->orientation_wxyz, (float[4]){1, 0, 0, 0}, sizeof joint->orientation_wxyz);
        joint->confidence = j == JOINTS - 1 ? 0 : j == JOINTS - 3 ? 1 : 2;
    }
}
#endif
