#include "clock.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "analog.h"
#include "guard.h"

// 16 MHz / 64 = 250 kHz: 4 us a step, 250 steps a millisecond.
#define STEP_US 4
#define STEPS_PER_MS 250

static volatile uint32_t elapsed_ms, elapsed_us;
static volatile bool tick;

void clock_start(void) {
  TCCR2A = _BV(WGM21);
  OCR2A = STEPS_PER_MS - 1;
  TIMSK2 = _BV(OCIE2A);
  TCCR2B = _BV(CS22);
}

ISR(TIMER2_COMPA_vect) {
  elapsed_ms++;
  elapsed_us += 1000;
  tick = true;
  // Here and not in the main loop: a main loop that hangs must not keep the motor on.
  guard_tick(elapsed_ms);
  analog_start();
}

uint32_t clock_ms(void) {
  uint32_t ms;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { ms = elapsed_ms; }
  return ms;
}

uint32_t clock_us(void) {
  uint32_t us;
  uint8_t steps;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    us = elapsed_us;
    steps = TCNT2;
    // The counter has begun anew but its interrupt has not run yet.
    if ((TIFR2 & _BV(OCF2A)) && steps < STEPS_PER_MS / 2) {
      us += 1000;
    }
  }
  return us + (uint16_t)steps * STEP_US;
}

bool clock_take_tick(void) {
  bool waits;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    waits = tick;
    tick = false;
  }
  return waits;
}

bool clock_tick_waits(void) { return tick; }
