// Quadrature encoder: position by interrupts on both edges of both phases, velocity from the times of the edges.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Velocity is reported in sixteenths of a count a second.
#define ENCODER_VELOCITY_DIVISOR 16

void encoder_start(void);

// Once a millisecond, from the main loop.
void encoder_update(uint32_t now_us);

// Counts since the reference was taken (before: since reset).
int32_t encoder_position(void);

// Sixteenths of counts a second.
int32_t encoder_velocity(void);

// Whether the arm has hung still since reset, which made that position zero.
bool encoder_has_reference(void);

// Edges at which both phases changed at once since the last call: a loose wire, a dirty disc, or too fast.
uint8_t encoder_take_illegal(void);
