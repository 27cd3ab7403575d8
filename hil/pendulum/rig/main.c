// The pendulum rig without hardware: the firmware in simavr, motor and arm on its clock, its UART as a pseudo-terminal.
// Links libsimavr (GPL-3) and is therefore a program of its own. See hil/pendulum/README.md.
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "control.h"
#include "line.h"
#include "mcu.h"
#include "trace.h"

#define BAUD 500000
// Simulated time runs in pieces of this length between looks at the line and at the wall clock.
#define QUANTUM_CYCLES (MCU_HZ / 5000)
// The MCU has booted and the arm has its reference before the line appears.
#define BOOT_CYCLES (MCU_HZ * 7 / 10)
#define FLUSH_EVERY_QUANTA 100
#define CYCLES_TO_NS(cycles) ((int64_t)(cycles) * 125 / 2)
// Behind the wall clock by more than this, the MCU's clock is moved, not rushed: a burst of MCU time without the host getting a
// turn would look to the firmware like a silent host.
#define GREATEST_LAG_NS 10000000

// Real-time priority, where permitted, while it runs in real time: a real MCU does not wait for the host's processor either.
// Below a driver's 70 and a control thread's 80.
#define PRIORITY 60

enum { EXIT_BAD_INPUT = 2 };

struct options {
  const char *firmware, *pty, *control, *trace;
  bool unpaced, any_baud, with_parent;
  double seconds, trace_plant_s;
  uint64_t seed;
};

static const char *const usage =
    "Usage: pendulum-rig --firmware FILE [OPTION...]\n"
    "  --firmware FILE   firmware in ELF format, the same file that is written to the Arduino\n"
    "  --pty PATH        symbolic link to the pseudo-terminal that is the serial port\n"
    "  --control PATH    Unix socket for commands, one a line: status, cut, hang, ... (any other word lists them)\n"
    "  --trace FILE      events as CSV: CLOCK_MONOTONIC in ns, MCU cycle, event, value\n"
    "  --trace-plant MS  with angle, velocity and current every so many milliseconds\n"
    "  --unpaced         as fast as this machine can, not in real time\n"
    "  --seconds N       ends after so much time of the MCU\n"
    "  --seed N          seed of noise and line damage (default 1)\n"
    "  --any-baud        does not garble bytes when the host has not set 500000 baud\n"
    "  --with-parent     ends when the process that started it does\n"
    "It prints one line, \"ready pty=PATH\", when the port can be opened. SIGTERM ends it.\n";

static volatile sig_atomic_t stopped;

static void on_signal(int signal) {
  (void)signal;
  stopped = 1;
}

static bool parse_number(const char *text, double *value) {
  char *end;
  *value = strtod(text, &end);
  return end != text && *end == 0 && isfinite(*value) && *value >= 0;
}

static bool parse(int count, char **words, struct options *options) {
  enum { FIRMWARE = 256, PTY, CONTROL, TRACE, TRACE_PLANT, UNPACED, SECONDS, SEED, ANY_BAUD, WITH_PARENT, HELP };
  static const struct option known[] = {
      {"firmware", required_argument, 0, FIRMWARE}, {"pty", required_argument, 0, PTY},
      {"control", required_argument, 0, CONTROL},   {"trace", required_argument, 0, TRACE},
      {"trace-plant", required_argument, 0, TRACE_PLANT}, {"unpaced", no_argument, 0, UNPACED},
      {"seconds", required_argument, 0, SECONDS},   {"seed", required_argument, 0, SEED},
      {"any-baud", no_argument, 0, ANY_BAUD},       {"with-parent", no_argument, 0, WITH_PARENT},
      {"help", no_argument, 0, HELP},               {0}};
  double value;
  for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) {
    switch (option) {
    case FIRMWARE: options->firmware = optarg; break;
    case PTY: options->pty = optarg; break;
    case CONTROL: options->control = optarg; break;
    case TRACE: options->trace = optarg; break;
    case UNPACED: options->unpaced = true; break;
    case ANY_BAUD: options->any_baud = true; break;
    case WITH_PARENT: options->with_parent = true; break;
    case TRACE_PLANT:
    case SECONDS:
    case SEED:
      if (!parse_number(optarg, &value)) {
        fprintf(stderr, "pendulum-rig: \"%s\" is no number from 0 on.\n", optarg);
        return false;
      }
      if (option == SEED) {
        options->seed = (uint64_t)value;
      } else {
        *(option == SECONDS ? &options->seconds : &options->trace_plant_s) = option == SECONDS ? value : value / 1e3;
      }
      break;
    case HELP:
      fputs(usage, stdout);
      exit(EXIT_SUCCESS);
    default:
      fputs(usage, stderr);
      return false;
    }
  }
  if (!options->firmware || optind != count) {
    fputs(usage, stderr);
    return false;
  }
  return true;
}

static void sleep_until(int64_t ns) {
  struct timespec at = {ns / 1000000000, ns % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

// Holds the MCU's clock to the wall's; returns the new anchor.
static int64_t keep_pace(int64_t anchor_ns, uint64_t since_cycle, struct pace_counters *pace) {
  int64_t due = anchor_ns + CYCLES_TO_NS(mcu_cycle() - since_cycle), lag = monotonic_ns() - due;
  pace->quanta++;
  if (lag < 0) {
    sleep_until(due);
    return anchor_ns;
  }
  pace->late++;
  if (lag > pace->worst_lag_s * 1e9) {
    pace->worst_lag_s = (double)lag / 1e9;
  }
  if (lag > GREATEST_LAG_NS) {
    // Others get their turn even on a machine that is too slow for this.
    lag += 1000000;
    sleep_until(due + lag);
    pace->slips++;
    pace->slipped_s += (double)lag / 1e9;
    return anchor_ns + lag;
  }
  return anchor_ns;
}

static void trace_plant(const struct plant *plant) {
  char words[96];
  snprintf(words, sizeof words, "%.5f %.5f %.4f", plant->angle, plant->velocity, plant->current);
  trace_words(mcu_cycle(), "plant", words);
}

static void trace_bytes(void) {
  static struct line_counters before;
  struct line_counters now = line_counters();
  if (now.to_mcu != before.to_mcu) {
    trace_event(mcu_cycle(), "rx", (int64_t)(now.to_mcu - before.to_mcu));
  }
  if (now.to_host != before.to_host) {
    trace_event(mcu_cycle(), "tx", (int64_t)(now.to_host - before.to_host));
  }
  before = now;
}

static bool run(const struct options *options, const struct plant *plant, struct pace_counters *pace) {
  uint64_t start = mcu_cycle(), end = options->seconds > 0 ? start + (uint64_t)(options->seconds * MCU_HZ) : UINT64_MAX;
  uint64_t plant_every = (uint64_t)(options->trace_plant_s * MCU_HZ), next_plant = plant_every ? start : UINT64_MAX;
  int64_t anchor_ns = monotonic_ns();
  pid_t parent = getppid();
  for (uint64_t quantum = 1; !stopped && mcu_cycle() < end; quantum++) {
    if (!mcu_run_until(start + quantum * QUANTUM_CYCLES)) {
      return false;
    }
    line_receive();
    trace_bytes();
    if (mcu_cycle() >= next_plant) {
      trace_plant(plant);
      next_plant += plant_every;
    }
    if (quantum % FLUSH_EVERY_QUANTA == 0) {
      trace_flush();
      if (options->with_parent && getppid() != parent) {
        break;
      }
    }
    if (control_serve()) {
      break;
    }
    if (!options->unpaced) {
      anchor_ns = keep_pace(anchor_ns, start, pace);
    }
  }
  return true;
}

static void ask_for_priority(void) {
  struct sched_param parameters = {.sched_priority = PRIORITY};
  // Not permitted: it runs all the same, and counts when it is late.
  (void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
}

static bool start(const struct options *options, struct plant *plant) {
  if (options->trace && !trace_open(options->trace)) {
    fprintf(stderr, "pendulum-rig: the trace %s cannot be written: %s.\n", options->trace, strerror(errno));
    return false;
  }
  plant_start(plant);
  if (!mcu_start(options->firmware, plant, options->seed) || !mcu_run_until(BOOT_CYCLES)) {
    return false;
  }
  line_start(options->pty, BAUD, !options->any_baud, options->seed);
  if (!line_plug()) {
    fprintf(stderr, "pendulum-rig: the port %s cannot be made: %s.\n", options->pty ? options->pty : "(pseudo-terminal)", strerror(errno));
    return false;
  }
  if (options->control && !control_open(options->control)) {
    fprintf(stderr, "pendulum-rig: the control socket %s cannot be made: %s.\n", options->control, strerror(errno));
    return false;
  }
  return true;
}

int main(int count, char **words) {
  struct options options = {.seed = 1};
  if (!parse(count, words, &options)) {
    return EXIT_BAD_INPUT;
  }
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);

  struct plant plant;
  struct pace_counters pace = {0};
  bool fine = start(&options, &plant);
  int code = fine ? EXIT_SUCCESS : EXIT_BAD_INPUT;
  if (fine) {
    commands_start(&plant, &pace);
    printf("ready pty=%s\n", options.pty ? options.pty : line_path());
    fflush(stdout);
    if (!options.unpaced) {
      ask_for_priority();
    }
    if (!run(&options, &plant, &pace)) {
      code = EXIT_FAILURE;
    }
  }
  control_close();
  line_unplug();
  trace_close();
  return code;
}
