#include "motor.h"

#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"

#define PHASE_CORRECT_TO_ICR1 _BV(WGM11)
#define COMPARE_OUTPUTS (_BV(COM1A1) | _BV(COM1B1))

void motor_start(void) {
  BRIDGE_PORT &= (uint8_t)~(BRIDGE_ENABLE | BRIDGE_FORWARD | BRIDGE_REVERSE);
  BRIDGE_DDR |= BRIDGE_ENABLE | BRIDGE_FORWARD | BRIDGE_REVERSE;
  ICR1 = PWM_TOP;
  TCCR1A = PHASE_CORRECT_TO_ICR1;
  TCCR1B = _BV(WGM13) | _BV(CS10);
}

void motor_enable(void) {
  // Anew: the enable pin is also the input capture pin. Real hardware captures nothing while ICR1 is the top; simavr does.
  ICR1 = PWM_TOP;
  OCR1A = 0;
  OCR1B = 0;
  TCCR1A = PHASE_CORRECT_TO_ICR1 | COMPARE_OUTPUTS;
  BRIDGE_PORT |= BRIDGE_ENABLE;
}

void motor_off(void) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    // The enable pin first: it acts at once, the compare registers only at the end of the PWM period.
    BRIDGE_PORT &= (uint8_t)~(BRIDGE_ENABLE | BRIDGE_FORWARD | BRIDGE_REVERSE);
    TCCR1A = PHASE_CORRECT_TO_ICR1;
    OCR1A = 0;
    OCR1B = 0;
  }
}

void motor_set(int16_t mv, uint16_t supply_mv) {
  uint16_t magnitude = mv < 0 ? -(uint16_t)mv : (uint16_t)mv;
  // A measurement that breaks down (a wire of the divider) must not raise the duty until the guard sees it.
  if (supply_mv < SUPPLY_LEAST_MV) {
    supply_mv = SUPPLY_LEAST_MV;
  }
  uint32_t on = ((uint32_t)magnitude * PWM_TOP + supply_mv / 2) / supply_mv;
  if (on > PWM_TOP) {
    on = PWM_TOP;
  }
  OCR1A = mv > 0 ? (uint16_t)on : 0;
  OCR1B = mv < 0 ? (uint16_t)on : 0;
}
