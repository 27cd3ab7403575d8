#define _GNU_SOURCE
#include "mcu.h"

#include <stdio.h>
#include <string.h>

#include <avr_adc.h>
#include <avr_extint.h>
#include <avr_ioport.h>
#include <avr_uart.h>
#include <sim_avr.h>
#include <sim_cycle_timers.h>
#include <sim_elf.h>

#include "line.h"
#include "trace.h"

// Registers of the ATmega328P, data sheet chapter "Register summary".
enum {
  PIN_D = 0x29,
  DDR_B = 0x24,
  PORT_B = 0x25,
  MCU_SR = 0x54,
  TCCR1_A = 0x80,
  ICR1_L = 0x86,
  OCR1A_L = 0x88,
  OCR1B_L = 0x8A,
};
#define WDRF 0x08
#define BORF 0x04
#define EXTRF 0x02
#define COM1A1 0x80
#define COM1B1 0x20
#define ENABLE_BIT 0x01
#define DEBUG_BIT 0x20
#define DEBUG_PIN 5
#define ENCODER_PINS 0x0C

// Edges are kept back so long after a reset, until the firmware has set up the interrupts.
#define QUIET_STEPS 40
#define ANALOG_EVERY_STEPS 4

static avr_t *avr;
static struct plant *plant;
static avr_irq_t *uart_input, *encoder_a, *encoder_b, *current_mv, *supply_mv;
static struct mcu_counters counters;
static bool accepts_bytes, was_reset, enabled, debug_level, encoder_connected = true;
static uint64_t held_until;
static uint8_t cause_after_hold;
static int duty;
static int32_t encoder_count;
static int quiet_steps = QUIET_STEPS;
static uint8_t saved_flash[4];
static avr_flashaddr_t patched_at;
static bool patched, main_loop_hang_waits;
static uint64_t noise_state;
static void (*core_reset)(struct avr_t *);

static uint16_t word_at(int address) { return avr->data[address] | avr->data[address + 1] << 8; }

static bool is_held(void) { return held_until != 0; }

// Reads the bridge's inputs from the registers and traces what changed.
static void look_at_bridge(void) {
  bool enable = !is_held() && (avr->data[DDR_B] & avr->data[PORT_B] & ENABLE_BIT) != 0;
  uint16_t top = word_at(ICR1_L);
  uint8_t outputs = avr->data[TCCR1_A];
  int on = (outputs & COM1A1 ? word_at(OCR1A_L) : 0) - (outputs & COM1B1 ? word_at(OCR1B_L) : 0);
  int now = is_held() || top == 0 ? 0 : on * 1000 / top;
  if (now != duty) {
    duty = now;
    trace_event(avr->cycle, "pwm", duty);
  }
  if (enable != enabled) {
    enabled = enable;
    trace_event(avr->cycle, "enable", enabled);
  }
}

static void on_bridge(struct avr_irq_t *irq, uint32_t value, void *unused) {
  (void)irq, (void)value, (void)unused;
  look_at_bridge();
}

static void on_debug_pin(struct avr_irq_t *irq, uint32_t value, void *unused) {
  (void)irq, (void)unused;
  if ((value != 0) != debug_level) {
    debug_level = value != 0;
    trace_event(avr->cycle, "command", (int64_t)++counters.commands);
  }
}

static void on_byte(struct avr_irq_t *irq, uint32_t value, void *unused) {
  (void)irq, (void)unused;
  line_send((uint8_t)value);
}

static void on_room(struct avr_irq_t *irq, uint32_t value, void *unused) {
  (void)irq, (void)unused;
  if (value) {
    accepts_bytes = true;
  }
}

static void on_full(struct avr_irq_t *irq, uint32_t value, void *unused) {
  (void)irq, (void)unused;
  accepts_bytes = !value;
}

static void on_reset(avr_t *core) {
  core_reset(core);
  was_reset = true;
}

static void set_phases(int32_t count) {
  // Both phases are high at count 0, as the pins are with their pull-ups.
  static const uint8_t gray[4] = {3, 2, 0, 1};
  uint8_t phases = gray[count & 3];
  avr_raise_irq(encoder_a, phases & 1);
  avr_raise_irq(encoder_b, phases >> 1);
}

static void turn_encoder(void) {
  if (quiet_steps > 0) {
    quiet_steps--;
    return;
  }
  int32_t count = plant_count(plant);
  // One edge a step, 20,000 a second: a plant that was set elsewhere is followed as fast as the interrupts can.
  if (count != encoder_count) {
    encoder_count += count > encoder_count ? 1 : -1;
    if (encoder_connected) {
      set_phases(encoder_count);
    }
  }
}

static uint32_t noisy_mv(double volts) {
  noise_state = noise_state * 6364136223846793005ULL + 1442695040888963407ULL;
  double mv = volts * 1000 + ((double)(noise_state >> 40) / 16777216.0 - 0.5) * 10;
  return mv < 0 ? 0 : mv > 5000 ? 5000 : (uint32_t)mv;
}

static void step_plant(void) {
  // simavr tells of no compare register in this PWM mode.
  look_at_bridge();
  plant_step(plant, enabled, duty / 1000.0);
  if (is_held()) {
    return;
  }
  turn_encoder();
  if (plant->steps % ANALOG_EVERY_STEPS == 0) {
    // ACS724-05AB: 2.5 V at 0 A, 0.4 V/A. Supply through 20k/10k.
    avr_raise_irq(current_mv, noisy_mv(2.5 + 0.4 * plant->current));
    avr_raise_irq(supply_mv, noisy_mv(plant->supply / 3));
  }
}

static avr_cycle_count_t on_plant_timer(avr_t *core, avr_cycle_count_t when, void *unused) {
  (void)core, (void)unused;
  step_plant();
  return when + PLANT_STEP_CYCLES;
}

static void do_not_sleep(avr_t *core, avr_cycle_count_t cycles) { (void)core, (void)cycles; }

static void keep_quiet(avr_t *core, const int level, const char *format, va_list arguments) {
  (void)core;
  if (level <= LOG_ERROR) {
    vfprintf(stderr, format, arguments);
  }
}

// A reset wipes simavr's timers and pins.
static void after_reset(uint8_t cause) {
  was_reset = main_loop_hang_waits = false;
  counters.resets++;
  counters.watchdog_resets += (cause & WDRF) != 0;
  counters.brown_outs += (cause & BORF) != 0;
  if (patched) {
    memcpy(avr->flash + patched_at, saved_flash, sizeof saved_flash);
    patched = false;
  }
  // On the bare pins: the external interrupts are not set up yet.
  static const uint8_t gray[4] = {3, 2, 0, 1};
  uint8_t phases = encoder_connected ? gray[encoder_count & 3] : 3;
  avr->data[PIN_D] = (avr->data[PIN_D] & ~ENCODER_PINS) | phases << 2;
  avr_extint_set_strict_lvl_trig(avr, 0, 0);
  avr_extint_set_strict_lvl_trig(avr, 1, 0);
  quiet_steps = QUIET_STEPS;
  accepts_bytes = true;
  // The pin falls with a reset; that is no command.
  debug_level = false;
  line_discard();
  look_at_bridge();
  trace_event(avr->cycle, "reset", cause);
  avr_cycle_timer_register(avr, PLANT_STEP_CYCLES, on_plant_timer, NULL);
}

static void reset_by(uint8_t cause) {
  avr_reset(avr);
  avr->data[MCU_SR] = cause;
  after_reset(cause);
}

static avr_irq_t *pin(char port, int index) { return avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port), index); }

bool mcu_start(const char *firmware, struct plant *the_plant, uint64_t seed) {
  elf_firmware_t elf = {0};
  avr_global_logger_set(keep_quiet);
  if (elf_read_firmware(firmware, &elf) != 0 || elf.flash == NULL) {
    fprintf(stderr, "pendulum-rig: %s is no firmware in ELF format. Build it: make -C hil/pendulum\n", firmware);
    return false;
  }
  plant = the_plant;
  noise_state = seed;
  avr = avr_make_mcu_by_name("atmega328p");
  if (!avr) {
    fprintf(stderr, "pendulum-rig: this simavr does not know the ATmega328P.\n");
    return false;
  }
  avr_init(avr);
  elf.frequency = MCU_HZ;
  elf.vcc = elf.avcc = elf.aref = 5000;
  avr_load_firmware(avr, &elf);
  avr->frequency = MCU_HZ;
  avr->sleep = do_not_sleep;
  core_reset = avr->reset;
  avr->reset = on_reset;

  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);

  uart_input = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_byte, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_room, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_full, NULL);
  for (int i = 0; i < 3; i++) {
    avr_irq_register_notify(pin('B', i), on_bridge, NULL);
  }
  avr_irq_register_notify(pin('B', DEBUG_PIN), on_debug_pin, NULL);
  encoder_a = pin('D', 2);
  encoder_b = pin('D', 3);
  current_mv = avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0);
  supply_mv = avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC1);
  avr_extint_set_strict_lvl_trig(avr, 0, 0);
  avr_extint_set_strict_lvl_trig(avr, 1, 0);
  set_phases(0);
  avr_cycle_timer_register(avr, PLANT_STEP_CYCLES, on_plant_timer, NULL);
  accepts_bytes = true;
  was_reset = false;
  return true;
}

static void patch_loop(bool interrupts_off) {
  static const uint8_t full[4] = {0xF8, 0x94, 0xFF, 0xCF}; // cli; rjmp to itself
  patched = true;
  patched_at = avr->pc;
  memcpy(saved_flash, avr->flash + patched_at, sizeof saved_flash);
  memcpy(avr->flash + patched_at, interrupts_off ? full : full + 2, interrupts_off ? 4 : 2);
}

static void hand_over_bytes(void) {
  int byte;
  while (accepts_bytes && (byte = line_take()) >= 0) {
    uint32_t error = byte & LINE_FRAMING_ERROR ? UART_INPUT_FE : 0;
    avr_raise_irq(uart_input, (byte & 0xFF) | error);
  }
}

static void stay_held(uint64_t until) {
  line_discard();
  while (avr->cycle < until && avr->cycle < held_until) {
    avr->cycle += PLANT_STEP_CYCLES;
    step_plant();
  }
  if (avr->cycle >= held_until) {
    held_until = 0;
    reset_by(cause_after_hold);
  }
}

bool mcu_run_until(uint64_t cycle) {
  while (avr->cycle < cycle) {
    if (is_held()) {
      stay_held(cycle);
      continue;
    }
    hand_over_bytes();
    int state = avr_run(avr);
    look_at_bridge();
    if (was_reset) {
      after_reset(avr->data[MCU_SR]);
    }
    if (main_loop_hang_waits && avr->state == cpu_Sleeping) {
      // Asleep it is in the main loop for sure; anywhere else an interrupt might run into the patch.
      main_loop_hang_waits = false;
      patch_loop(false);
    }
    if (state == cpu_Crashed || state == cpu_Done) {
      fprintf(stderr, "pendulum-rig: the firmware crashed at %#x.\n", avr->pc);
      return false;
    }
  }
  return true;
}

uint64_t mcu_cycle(void) { return avr->cycle; }

bool mcu_enabled(void) { return enabled; }

int mcu_duty(void) { return duty; }

void mcu_hang(bool interrupts_off) {
  if (is_held() || patched) {
    return;
  }
  if (interrupts_off) {
    patch_loop(true);
  } else {
    main_loop_hang_waits = true;
  }
}

void mcu_brown_out(double seconds) {
  avr_reset(avr);
  was_reset = false;
  held_until = avr->cycle + (uint64_t)(seconds * MCU_HZ) + 1;
  cause_after_hold = BORF;
  look_at_bridge();
}

void mcu_reset(void) { reset_by(EXTRF); }

void mcu_connect_encoder(bool connected) { encoder_connected = connected; }

struct mcu_counters mcu_counters(void) { return counters; }
