// What the pendulum rig's board is: clock, pins, sensors, limits. Everything a builder may have to change is here.
#pragma once

#include <avr/io.h>

#ifndef F_CPU
#error "F_CPU is set by the Makefile: 16 MHz on an Arduino Uno."
#endif

// Serial line. 500,000 divides 16 MHz exactly (115,200 is 2.1% off).
#define BAUD_RATE 500000UL

// Bridge (TB9051FTG): PWM1 on D9 = OC1A, PWM2 on D10 = OC1B, EN on D8. EN low: outputs off, the motor coasts. EN has a
// pull-down on the board: a pin that is an input (reset, brown-out, no program) switches the motor off.
#define BRIDGE_DDR DDRB
#define BRIDGE_PORT PORTB
#define BRIDGE_ENABLE _BV(PORTB0)
#define BRIDGE_FORWARD _BV(PORTB1)
#define BRIDGE_REVERSE _BV(PORTB2)

// D13, the Uno's LED: toggles at each accepted COMMAND, so that a trace or a logic analyser shows the last one before a stop.
#define DEBUG_DDR DDRB
#define DEBUG_PIN PINB
#define DEBUG_BIT _BV(PORTB5)

// Encoder on D2 = INT0 and D3 = INT1: 64 counts a turn of the motor, gear 10:1, all four edges counted.
#define ENCODER_PINS PIND
#define ENCODER_PORT PORTD
#define ENCODER_SHIFT 2
#define ENCODER_COUNTS_PER_TURN 640

// PWM: phase-correct, 16 MHz / (2 x 500) = 16 kHz. Below the bridge's 20 kHz, above most hearing.
#define PWM_TOP 500
#define PWM_PERIOD_US 63

// Timer 2 ticks once a millisecond: command timeout, current and supply are looked at then.
#define CHECK_PERIOD_US 1000

// Motor current: ACS724-05AB on A0, 2.5 V at 0 A, 400 mV/A, so 12.2 mA a count. Supply behind the emergency stop switch: 20k/10k on A1.
#define ANALOG_CURRENT 0
#define ANALOG_SUPPLY 1
#define CURRENT_MA(counts) ((int16_t)((int32_t)(counts) * 3125 / 256))
#define SUPPLY_MV(counts) ((uint16_t)((uint32_t)(counts) * 1875 / 128))

// Limits. 3 V give 38% of the torque that would hold the arm level, so it must be swung up; the current at 3 V against the
// back-EMF of a full swing stays near 2 A; the bridge carries 2.6 A for long; the gear motor's stall current at 12 V is 5.5 A.
#define COMMAND_LIMIT_MV 3000
#define CURRENT_LIMIT_MA 3000
#define CURRENT_LIMIT_MS 10
#define SUPPLY_LEAST_MV 10000U
#define SUPPLY_GREATEST_MV 14500U
#define SUPPLY_LIMIT_MS 20
#define SENSOR_LIMIT_MS 10

// The host chooses the command timeout within these.
#define COMMAND_TIMEOUT_LEAST_MS 20
#define COMMAND_TIMEOUT_GREATEST_MS 500

// Position is zero where the arm first hangs still for this long after a reset.
#define REST_MS 500

#define DEVICE_KIND 1
#define DEVICE_NAME "robotrl-pendulum"
#define FIRMWARE_VERSION 0x0100
