#include "guard.h"

#include <avr/io.h>
#include <util/atomic.h>

#include "analog.h"
#include "board.h"
#include "clock.h"
#include "encoder.h"
#include "motor.h"

// So many illegal encoder edges within a second are a sensor fault.
#define ILLEGAL_LIMIT 8

static volatile uint16_t flags;
static volatile int16_t applied_mv;
static volatile uint32_t accepted_ms;
static volatile uint16_t timeout_ms;
static volatile uint8_t over_current_ms, supply_ms, sensor_ms;
static uint16_t illegal_window_ms;
static uint8_t illegal_edges;

void guard_start(uint8_t reset_cause) {
  flags = 0;
  if (reset_cause & _BV(WDRF)) {
    flags |= FLAG_WATCHDOG_RESET;
  }
  // A slow rise of the supply sets both bits: that is a power-on.
  if ((reset_cause & _BV(BORF)) && !(reset_cause & _BV(PORF))) {
    flags |= FLAG_BROWN_OUT;
  }
}

static bool supply_is_in_range(void) {
  uint16_t mv = analog_supply_mv();
  return mv >= SUPPLY_LEAST_MV && mv <= SUPPLY_GREATEST_MV;
}

static bool current_is_in_range(void) {
  int16_t ma = analog_current_ma();
  return ma <= CURRENT_LIMIT_MA && ma >= -CURRENT_LIMIT_MA;
}

// Interrupts off.
static void remove_power(uint16_t cause) {
  motor_off();
  flags = (flags & (uint16_t)~FLAG_POWERED) | cause;
  applied_mv = 0;
}

// True where a condition has now lasted for limit_ms.
static bool lasts(bool condition, volatile uint8_t *since_ms, uint8_t limit_ms) {
  if (!condition) {
    *since_ms = 0;
    return false;
  }
  return ++*since_ms >= limit_ms;
}

void guard_tick(uint32_t now_ms) {
  if (!(flags & FLAG_POWERED)) {
    return;
  }
  if (now_ms - accepted_ms > timeout_ms) {
    remove_power(FLAG_COMMAND_TIMEOUT);
  } else if (lasts(!current_is_in_range(), &over_current_ms, CURRENT_LIMIT_MS)) {
    remove_power(FLAG_OVER_CURRENT);
  } else if (lasts(!supply_is_in_range(), &supply_ms, SUPPLY_LIMIT_MS)) {
    remove_power(FLAG_SUPPLY);
  } else if (lasts(!analog_current_is_sane(), &sensor_ms, SENSOR_LIMIT_MS)) {
    remove_power(FLAG_SENSOR);
  }
}

void guard_update(void) {
  illegal_edges += encoder_take_illegal();
  if (illegal_edges >= ILLEGAL_LIMIT) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { remove_power(FLAG_SENSOR); }
    illegal_edges = 0;
  }
  if (++illegal_window_ms >= 1000) {
    illegal_window_ms = 0;
    illegal_edges = 0;
  }
  if (!(flags & FLAG_POWERED)) {
    analog_learn_zero();
  }
}

// What would be latched if it were powered now; interrupts off.
static uint16_t present_causes(void) {
  uint16_t causes = 0;
  if (!supply_is_in_range()) {
    causes |= FLAG_SUPPLY;
  }
  if (!analog_current_is_sane() || !encoder_has_reference()) {
    causes |= FLAG_SENSOR;
  }
  return causes;
}

bool guard_power_on(uint16_t command_timeout_ms) {
  bool powered = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (!(flags & FLAG_POWERED)) {
      flags |= present_causes();
    }
    if (!(flags & FLAGS_FAULT)) {
      accepted_ms = clock_ms();
      timeout_ms = command_timeout_ms;
      over_current_ms = supply_ms = sensor_ms = 0;
      applied_mv = 0;
      motor_enable();
      flags |= FLAG_POWERED;
      powered = true;
    }
  }
  return powered;
}

void guard_power_off(void) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { remove_power(0); }
}

bool guard_command(int16_t mv) {
  bool accepted = false;
  uint16_t supply_mv = analog_supply_mv();
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (flags & FLAG_POWERED) {
      accepted_ms = clock_ms();
      DEBUG_PIN = DEBUG_BIT;
      applied_mv = mv;
      motor_set(mv, supply_mv);
      accepted = true;
    }
  }
  return accepted;
}

void guard_clear_fault(void) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    uint16_t causes = flags & FLAG_POWERED ? 0 : present_causes();
    flags = (flags & FLAG_POWERED) | causes;
  }
}

void guard_note_overrun(void) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { flags |= FLAG_OVERRUN; }
}

uint16_t guard_flags(void) {
  uint16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = flags; }
  return value;
}

int16_t guard_applied_mv(void) {
  int16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = applied_mv; }
  return value;
}
