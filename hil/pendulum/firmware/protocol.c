#include "protocol.h"

#include <avr/pgmspace.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "analog.h"
#include "board.h"
#include "clock.h"
#include "encoder.h"
#include "frame.h"
#include "guard.h"

#define PROTOCOL_VERSION 1
#define HEADER_SIZE 3
#define STATES 4
#define COMMANDS 1
#define CRC_ROOM 4

enum request { HELLO = 0x01, DESCRIBE, POWER_ON, COMMAND, READ, POWER_OFF, CLEAR_FAULT };
enum reply { CAPABILITIES = 0x81, INTERFACE, STATE, REFUSED };
enum kind { KIND_POSITION, KIND_VELOCITY, KIND_EFFORT, KIND_CURRENT, KIND_VOLTAGE };
enum reason {
  REASON_VERSION = 1,
  REASON_TIMEOUT,
  REASON_NOT_POWERED,
  REASON_FAULTED,
  REASON_OUT_OF_RANGE,
  REASON_NO_INTERFACE,
  REASON_OLD_SEQUENCE
};

struct __attribute__((packed)) header {
  uint8_t type;
  uint16_t sequence;
};

struct __attribute__((packed)) capabilities {
  struct header header;
  uint8_t version;
  uint32_t nonce;
  uint16_t firmware, kind, boot;
  uint8_t states, commands;
  uint16_t least_timeout_ms, greatest_timeout_ms, check_period_us, pwm_period_us;
  char name[16];
  uint8_t crc[CRC_ROOM];
};

struct __attribute__((packed)) interface_fields {
  uint8_t kind;
  int16_t least, greatest;
  float scale;
  char name[20];
};

struct __attribute__((packed)) interface {
  struct header header;
  uint8_t index;
  struct interface_fields fields;
  uint8_t crc[CRC_ROOM];
};

struct __attribute__((packed)) state {
  struct header header;
  uint32_t host_us, device_us;
  uint16_t flags, bad_frames;
  int16_t applied[COMMANDS];
  int32_t values[STATES];
  uint8_t crc[CRC_ROOM];
};

struct __attribute__((packed)) refused {
  struct header header;
  uint8_t reason;
  uint8_t crc[CRC_ROOM];
};

#define RADIANS_PER_COUNT (2 * M_PI / ENCODER_COUNTS_PER_TURN)

static const struct interface_fields interfaces[STATES + COMMANDS] PROGMEM = {
    {KIND_POSITION, 0, 0, RADIANS_PER_COUNT, "pole/position"},
    {KIND_VELOCITY, 0, 0, RADIANS_PER_COUNT / ENCODER_VELOCITY_DIVISOR, "pole/velocity"},
    {KIND_CURRENT, 0, 0, 0.001f, "motor/current"},
    {KIND_VOLTAGE, 0, 0, 0.001f, "motor/voltage"},
    {KIND_EFFORT, -COMMAND_LIMIT_MV, COMMAND_LIMIT_MV, 0.001f, "pole/effort"},
};

static uint16_t boot, accepted_sequence;

void protocol_start(uint16_t boot_id) { boot = boot_id; }

static void refuse(uint16_t sequence, enum reason reason) {
  struct refused reply = {{REFUSED, sequence}, reason, {0}};
  frame_send((uint8_t *)&reply, sizeof reply - CRC_ROOM);
}

static void report(uint16_t sequence, uint32_t host_us) {
  struct state reply;
  reply.header = (struct header){STATE, sequence};
  reply.host_us = host_us;
  reply.device_us = clock_us();
  reply.values[0] = encoder_position();
  reply.values[1] = encoder_velocity();
  reply.values[2] = analog_current_ma();
  reply.values[3] = analog_supply_mv();
  reply.flags = guard_flags();
  reply.bad_frames = frame_bad_count();
  reply.applied[0] = guard_applied_mv();
  frame_send((uint8_t *)&reply, sizeof reply - CRC_ROOM);
}

static void hello(uint16_t sequence, const uint8_t *body) {
  if (body[0] != PROTOCOL_VERSION) {
    refuse(sequence, REASON_VERSION);
    return;
  }
  struct capabilities reply = {.header = {CAPABILITIES, sequence},
                               .version = PROTOCOL_VERSION,
                               .firmware = FIRMWARE_VERSION,
                               .kind = DEVICE_KIND,
                               .boot = boot,
                               .states = STATES,
                               .commands = COMMANDS,
                               .least_timeout_ms = COMMAND_TIMEOUT_LEAST_MS,
                               .greatest_timeout_ms = COMMAND_TIMEOUT_GREATEST_MS,
                               .check_period_us = CHECK_PERIOD_US,
                               .pwm_period_us = PWM_PERIOD_US};
  memcpy(&reply.nonce, body + 1, sizeof reply.nonce);
  strncpy_P(reply.name, PSTR(DEVICE_NAME), sizeof reply.name);
  frame_send((uint8_t *)&reply, sizeof reply - CRC_ROOM);
}

static void describe(uint16_t sequence, uint8_t index) {
  if (index >= STATES + COMMANDS) {
    refuse(sequence, REASON_NO_INTERFACE);
    return;
  }
  struct interface reply = {.header = {INTERFACE, sequence}, .index = index};
  memcpy_P(&reply.fields, &interfaces[index], sizeof reply.fields);
  frame_send((uint8_t *)&reply, sizeof reply - CRC_ROOM);
}

static void power_on(uint16_t sequence, const uint8_t *body) {
  uint16_t timeout_ms;
  memcpy(&timeout_ms, body, sizeof timeout_ms);
  if (timeout_ms < COMMAND_TIMEOUT_LEAST_MS || timeout_ms > COMMAND_TIMEOUT_GREATEST_MS) {
    refuse(sequence, REASON_TIMEOUT);
    return;
  }
  if (!guard_power_on(timeout_ms)) {
    refuse(sequence, REASON_FAULTED);
    return;
  }
  accepted_sequence = sequence;
  report(sequence, 0);
}

static void command(uint16_t sequence, const uint8_t *body) {
  uint32_t host_us;
  int16_t mv;
  memcpy(&host_us, body, sizeof host_us);
  memcpy(&mv, body + sizeof host_us, sizeof mv);
  uint16_t flags = guard_flags();
  if (flags & FLAGS_FAULT) {
    refuse(sequence, REASON_FAULTED);
  } else if (!(flags & FLAG_POWERED)) {
    refuse(sequence, REASON_NOT_POWERED);
  } else if ((int16_t)(sequence - accepted_sequence) <= 0) {
    refuse(sequence, REASON_OLD_SEQUENCE);
  } else if (mv > COMMAND_LIMIT_MV || mv < -COMMAND_LIMIT_MV) {
    refuse(sequence, REASON_OUT_OF_RANGE);
  } else if (!guard_command(mv)) {
    // The tick's interrupt took the power away just now.
    refuse(sequence, REASON_FAULTED);
  } else {
    accepted_sequence = sequence;
    report(sequence, host_us);
  }
}

void protocol_handle(const uint8_t *payload, uint8_t length) {
  struct header header;
  uint32_t host_us;
  if (length < HEADER_SIZE) {
    frame_count_bad();
    return;
  }
  memcpy(&header, payload, sizeof header);
  const uint8_t *body = payload + HEADER_SIZE;
  uint8_t size = length - HEADER_SIZE;
  if (header.type == HELLO && size == 5) {
    hello(header.sequence, body);
  } else if (header.type == DESCRIBE && size == 1) {
    describe(header.sequence, body[0]);
  } else if (header.type == POWER_ON && size == 2) {
    power_on(header.sequence, body);
  } else if (header.type == COMMAND && size == 4 + 2 * COMMANDS) {
    command(header.sequence, body);
  } else if (header.type == READ && size == 4) {
    memcpy(&host_us, body, sizeof host_us);
    report(header.sequence, host_us);
  } else if (header.type == POWER_OFF && size == 0) {
    guard_power_off();
    report(header.sequence, 0);
  } else if (header.type == CLEAR_FAULT && size == 0) {
    guard_clear_fault();
    report(header.sequence, 0);
  } else {
    frame_count_bad();
  }
}
