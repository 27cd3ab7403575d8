#define _GNU_SOURCE
#include "commands.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "mcu.h"
#include "trace.h"

#define MAX_WORDS 4
#define LONGEST_MS 600000.0

static struct plant *plant;
static struct pace_counters *pace;

void commands_start(struct plant *the_plant, struct pace_counters *the_pace) {
  plant = the_plant;
  pace = the_pace;
}

static bool number(const char *word, double least, double greatest, double *value) {
  char *end;
  if (!word) {
    return false;
  }
  *value = strtod(word, &end);
  return end != word && *end == 0 && isfinite(*value) && *value >= least && *value <= greatest;
}

static bool direction(const char *word, enum line_direction *value) {
  *value = !word || strcmp(word, "both") == 0 ? BOTH_WAYS : strcmp(word, "rx") == 0 ? TO_MCU : strcmp(word, "tx") == 0 ? TO_HOST : 0;
  return *value != 0;
}

static bool on_or_off(const char *word, bool *value) {
  *value = word && strcmp(word, "on") == 0;
  return *value || (word && strcmp(word, "off") == 0);
}

static void tell_status(char *answer, size_t size) {
  struct mcu_counters mcu = mcu_counters();
  struct line_counters line = line_counters();
  snprintf(answer, size,
           "ok angle=%.6f velocity=%.6f current=%.4f supply=%.3f winding_c=%.2f enabled=%d duty=%.3f cycle=%llu ns=%lld "
           "commands=%llu resets=%llu watchdog_resets=%llu brown_outs=%llu to_mcu=%llu to_host=%llu lost=%llu "
           "peak_current=%.3f reversals=%llu quanta=%lu late=%lu slips=%lu slipped_ms=%.3f worst_lag_ms=%.3f pty=%s",
           plant->angle, plant->velocity, plant->current, plant->supply, plant->winding_c, mcu_enabled(), mcu_duty() / 1000.0,
           (unsigned long long)mcu_cycle(), (long long)monotonic_ns(), (unsigned long long)mcu.commands,
           (unsigned long long)mcu.resets, (unsigned long long)mcu.watchdog_resets, (unsigned long long)mcu.brown_outs,
           (unsigned long long)line.to_mcu, (unsigned long long)line.to_host, (unsigned long long)line.lost,
           plant->peak_current, (unsigned long long)plant->reversals, pace->quanta, pace->late, pace->slips,
           pace->slipped_s * 1e3, pace->worst_lag_s * 1e3, line_path()[0] ? line_path() : "-");
}

static void reset_counters(void) {
  plant->peak_current = 0;
  plant->reversals = 0;
  *pace = (struct pace_counters){0};
}

// Null where it was done, else what was wrong.
static const char *do_fault(char **words) {
  enum line_direction way;
  double a, b;
  bool on;
  if (strcmp(words[0], "cut") == 0) {
    if (!direction(words[1], &way)) {
      return "cut [both|rx|tx]: rx is host to MCU, tx is MCU to host";
    }
    line_cut(way);
  } else if (strcmp(words[0], "restore") == 0) {
    if (!direction(words[1], &way)) {
      return "restore [both|rx|tx]: rx is host to MCU, tx is MCU to host";
    }
    line_restore(way);
  } else if (strcmp(words[0], "corrupt") == 0) {
    if (!number(words[1], 0, 1, &a) || !direction(words[2], &way)) {
      return "corrupt RATE [both|rx|tx]: the share of bytes to damage, 0 to 1";
    }
    line_corrupt(a, way);
  } else if (strcmp(words[0], "unplug") == 0) {
    line_unplug();
  } else if (strcmp(words[0], "plug") == 0) {
    if (!line_plug()) {
      return strerror(errno);
    }
  } else if (strcmp(words[0], "hang") == 0) {
    if (words[1] && strcmp(words[1], "loop") != 0) {
      return "hang [loop]: a full hang, or only the main loop with interrupts still served";
    }
    mcu_hang(!words[1]);
  } else if (strcmp(words[0], "brownout") == 0) {
    a = 20;
    if (words[1] && !number(words[1], 0.1, LONGEST_MS, &a)) {
      return "brownout [MS]: how long the MCU is held in reset, 0.1 to 600000";
    }
    mcu_brown_out(a / 1e3);
  } else if (strcmp(words[0], "reset") == 0) {
    mcu_reset();
  } else if (strcmp(words[0], "supply") == 0) {
    if (!on_or_off(words[1], &on)) {
      return "supply on|off: the motor supply behind the emergency stop switch";
    }
    plant->supply_on = on;
  } else if (strcmp(words[0], "encoder") == 0) {
    if (!on_or_off(words[1], &on)) {
      return "encoder on|off: connected or not";
    }
    mcu_connect_encoder(on);
  } else if (strcmp(words[0], "push") == 0) {
    if (!number(words[1], -10, 10, &a) || !number(words[2], 0, LONGEST_MS, &b)) {
      return "push TORQUE MS: N m within 10, milliseconds within 600000";
    }
    plant->push_torque = a;
    plant->push_steps = (uint32_t)(b / 1e3 / PLANT_STEP_S);
  } else if (strcmp(words[0], "set") == 0) {
    if (!number(words[1], -100, 100, &a) || !number(words[2], -50, 50, &b)) {
      return "set ANGLE VELOCITY: rad from hanging within 100, rad/s within 50";
    }
    plant->angle = a;
    plant->velocity = b;
  } else {
    return "unknown command; there are status, reset-counters, quit, cut, restore, corrupt, unplug, plug, hang, brownout, reset, "
           "supply, encoder, push, set";
  }
  return NULL;
}

bool commands_do(char *line, char *answer, size_t size) {
  char *words[MAX_WORDS + 1] = {0}, *rest = line, copy[128];
  snprintf(copy, sizeof copy, "%s", line);
  int count = 0;
  for (char *word; count < MAX_WORDS && (word = strtok_r(rest, " \t\r", &rest));) {
    words[count++] = word;
  }
  if (count == 0) {
    snprintf(answer, size, "error an empty line is no command");
  } else if (strcmp(words[0], "status") == 0) {
    tell_status(answer, size);
  } else if (strcmp(words[0], "reset-counters") == 0) {
    reset_counters();
    snprintf(answer, size, "ok");
  } else if (strcmp(words[0], "quit") == 0) {
    snprintf(answer, size, "ok");
    return true;
  } else {
    // Before it acts: what follows from it stands below it in the trace.
    uint64_t cycle = mcu_cycle();
    trace_words(cycle, "fault", copy);
    const char *problem = do_fault(words);
    if (problem) {
      trace_words(cycle, "refused", words[0]);
      snprintf(answer, size, "error %s", problem);
    } else {
      snprintf(answer, size, "ok cycle=%llu ns=%lld", (unsigned long long)cycle, (long long)monotonic_ns());
    }
  }
  return false;
}
