// Motor controller of the pendulum rig: ATmega328P at 16 MHz (Arduino Uno). See hil/pendulum/README.md.
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/power.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <stdbool.h>
#include <stdint.h>

#include "analog.h"
#include "board.h"
#include "clock.h"
#include "encoder.h"
#include "frame.h"
#include "guard.h"
#include "motor.h"
#include "protocol.h"
#include "uart.h"

// Bytes taken in one pass of the main loop: a flooded line must not keep it from the watchdog.
#define BYTES_PER_PASS 32
#define BOOT_MARK 0xB007

// Kept over resets; random after power-on.
static uint16_t boot_mark __attribute__((section(".noinit")));
static uint16_t boot_count __attribute__((section(".noinit")));
static uint8_t reset_cause __attribute__((section(".noinit")));

// After a watchdog reset the watchdog runs on at its shortest time: stopped before anything else, main() comes too late.
void take_reset_cause(void) __attribute__((naked, used, section(".init3")));
void take_reset_cause(void) {
  uint8_t cause = MCUSR;
  if (cause == 0) {
    // The Optiboot boot loader has cleared it and left a copy in r2.
    __asm__ volatile("mov %0, r2" : "=r"(cause));
  }
  reset_cause = cause;
  MCUSR = 0;
  wdt_disable();
}

static void start(void) {
  motor_start();
  DEBUG_DDR |= DEBUG_BIT;
  if (boot_mark != BOOT_MARK) {
    boot_mark = BOOT_MARK;
    boot_count = 0;
  }
  protocol_start(++boot_count);
  guard_start(reset_cause);
  power_spi_disable();
  power_twi_disable();
  power_timer0_disable();
  analog_start_converter();
  encoder_start();
  uart_start();
  clock_start();
  wdt_enable(WDTO_60MS);
  sei();
}

static void receive(void) {
  for (uint8_t i = 0; i < BYTES_PER_PASS; i++) {
    int16_t byte = uart_take();
    if (byte == UART_NOTHING) {
      return;
    }
    if (byte == UART_DAMAGED) {
      frame_spoil();
      if (uart_take_overrun()) {
        guard_note_overrun();
      }
      continue;
    }
    uint8_t length = frame_take((uint8_t)byte);
    if (length > 0) {
      protocol_handle(frame_payload(), length);
      return;
    }
  }
}

static void sleep_until_interrupt(void) {
  set_sleep_mode(SLEEP_MODE_IDLE);
  cli();
  if (!uart_waits() && !clock_tick_waits()) {
    sleep_enable();
    // The instruction after sei() runs before any interrupt: none is slept through.
    sei();
    sleep_cpu();
    sleep_disable();
  }
  sei();
}

int main(void) {
  start();
  for (;;) {
    if (clock_take_tick()) {
      // Only here: the watchdog wants both the main loop and the tick alive.
      wdt_reset();
      encoder_update(clock_us());
      guard_update();
    }
    receive();
    sleep_until_interrupt();
  }
}
