#include "analog.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"

#define REFERENCE _BV(REFS0)
// 16 MHz / 128 = 125 kHz, within the 50 to 200 kHz of full resolution; a conversion takes 104 us.
#define CLOCK_DIVIDER (_BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0))
#define FILTER_SHIFT 2
#define NOMINAL_ZERO 512
// The ACS724 stays within 0.5 to 4.5 V at 5 A; nearer to the rails it is off, broken or not there.
#define SANE_LEAST 60
#define SANE_GREATEST 963
// A zero more than 0.4 A off is no zero.
#define ZERO_TOLERANCE 32
#define ZERO_SHIFT 6

// Sums of 2^FILTER_SHIFT counts.
static volatile uint16_t current_sum = NOMINAL_ZERO << FILTER_SHIFT, supply_sum;
static volatile uint16_t zero_sum = NOMINAL_ZERO << ZERO_SHIFT;
static volatile bool begun;

void analog_start_converter(void) { ADCSRA = _BV(ADEN) | _BV(ADIE) | CLOCK_DIVIDER; }

void analog_start(void) {
  ADMUX = REFERENCE | ANALOG_CURRENT;
  ADCSRA |= _BV(ADSC);
}

static uint16_t filter(uint16_t sum, uint16_t counts) { return sum - (sum >> FILTER_SHIFT) + counts; }

ISR(ADC_vect) {
  uint16_t counts = ADC;
  if ((ADMUX & 0x0F) == ANALOG_CURRENT) {
    current_sum = filter(current_sum, counts);
    ADMUX = REFERENCE | ANALOG_SUPPLY;
    ADCSRA |= _BV(ADSC);
    return;
  }
  supply_sum = begun ? filter(supply_sum, counts) : counts << FILTER_SHIFT;
  begun = true;
}

static uint16_t read(volatile uint16_t *sum) {
  uint16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = *sum; }
  return value;
}

int16_t analog_current_ma(void) {
  int16_t zero = (int16_t)(read(&zero_sum) >> (ZERO_SHIFT - FILTER_SHIFT));
  int16_t counts = (int16_t)read(&current_sum) - zero;
  return CURRENT_MA(counts) / (1 << FILTER_SHIFT);
}

uint16_t analog_supply_mv(void) { return SUPPLY_MV(read(&supply_sum) >> FILTER_SHIFT); }

bool analog_current_is_sane(void) {
  uint16_t counts = read(&current_sum) >> FILTER_SHIFT;
  uint16_t zero = read(&zero_sum) >> ZERO_SHIFT;
  return counts >= SANE_LEAST && counts <= SANE_GREATEST && zero + ZERO_TOLERANCE >= NOMINAL_ZERO &&
         zero <= NOMINAL_ZERO + ZERO_TOLERANCE;
}

void analog_learn_zero(void) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { zero_sum += (current_sum >> FILTER_SHIFT) - (zero_sum >> ZERO_SHIFT); }
}
