#include "encoder.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"
#include "clock.h"

// Velocity is the number of edges in a window over the time from the last edge before it to the last edge in it: exact to
// the clock's 4 us at any speed, where counts in a fixed window would be quantised to 200 counts/s.
#define WINDOW_MS 5
// Slower than one count in this time is standing still.
#define SLOWEST_MS 100
#define ILLEGAL 2

static volatile int32_t count;
static volatile uint32_t edge_us;
static volatile uint8_t phases, illegal;

static int32_t window_count, velocity;
static uint32_t window_edge_us;
static uint16_t idle_ms;
static uint8_t window_ms;
static bool referenced;

// Index: phases before (2 bits) and after (2 bits). Forward is 00, 01, 11, 10.
static const int8_t steps[16] = {0, 1, -1, ILLEGAL, -1, 0, ILLEGAL, 1, 1, ILLEGAL, 0, -1, ILLEGAL, -1, 1, 0};

static inline uint8_t read_phases(void) { return (ENCODER_PINS >> ENCODER_SHIFT) & 3; }

static inline void on_edge(void) {
  uint8_t now = read_phases();
  int8_t step = steps[(uint8_t)(phases << 2 | now)];
  phases = now;
  if (step == ILLEGAL) {
    if (illegal < UINT8_MAX) {
      illegal++;
    }
    return;
  }
  if (step != 0) {
    count += step;
    edge_us = clock_us();
  }
}

ISR(INT0_vect) { on_edge(); }

ISR(INT1_vect) { on_edge(); }

void encoder_start(void) {
  ENCODER_PORT |= 3 << ENCODER_SHIFT;
  EICRA = _BV(ISC00) | _BV(ISC10);
  phases = read_phases();
  EIFR = _BV(INTF0) | _BV(INTF1);
  EIMSK = _BV(INT0) | _BV(INT1);
}

static void take_reference(void) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { count = 0; }
  window_count = 0;
  referenced = true;
}

void encoder_update(uint32_t now_us) {
  if (++window_ms < WINDOW_MS) {
    return;
  }
  window_ms = 0;

  int32_t now_count;
  uint32_t now_edge_us;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    now_count = count;
    now_edge_us = edge_us;
  }

  int32_t edges = now_count - window_count;
  if (edges != 0) {
    uint32_t elapsed_us = idle_ms < SLOWEST_MS ? now_edge_us - window_edge_us : SLOWEST_MS * 1000UL;
    if (edges > 120) {
      edges = 120;
    } else if (edges < -120) {
      edges = -120;
    }
    velocity = edges * (1000000L * ENCODER_VELOCITY_DIVISOR) / (int32_t)(elapsed_us ? elapsed_us : 1);
    window_count = now_count;
    window_edge_us = now_edge_us;
    idle_ms = 0;
    return;
  }

  if (idle_ms < UINT16_MAX - WINDOW_MS) {
    idle_ms += WINDOW_MS;
  }
  if (!referenced && idle_ms >= REST_MS) {
    take_reference();
  }
  if (idle_ms >= SLOWEST_MS) {
    velocity = 0;
    return;
  }
  // No edge yet: it cannot be faster than one count in the time since the last one.
  // An edge may have come after now_us was taken.
  int32_t since_us = (int32_t)(now_us - now_edge_us);
  int32_t bound = (1000000L * ENCODER_VELOCITY_DIVISOR) / (since_us > 0 ? since_us : 1);
  if (velocity > bound) {
    velocity = bound;
  } else if (velocity < -bound) {
    velocity = -bound;
  }
}

int32_t encoder_position(void) {
  int32_t position;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { position = count; }
  return position;
}

int32_t encoder_velocity(void) { return velocity; }

bool encoder_has_reference(void) { return referenced; }

uint8_t encoder_take_illegal(void) {
  uint8_t edges;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    edges = illegal;
    illegal = 0;
  }
  return edges;
}
