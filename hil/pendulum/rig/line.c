#define _GNU_SOURCE
#include "line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "baud.h"

// What the kernel would hold for a USB adapter is of this order; beyond it the host's writes block.
#define QUEUE_SIZE 4096
#define QUEUE_MASK (QUEUE_SIZE - 1)

static const char *link_path;
static char device_path[128];
// The host's side is kept open here too: a host that closes it must not end the line.
static int master = -1, kept_open = -1;
static uint32_t mcu_baud;
static bool baud_is_checked, baud_differs;
static int cut;
static double corruption[4];
static uint64_t random_state;
static uint16_t queue[QUEUE_SIZE];
static size_t head, tail;
static struct line_counters counters;

static uint32_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)(random_state >> 32);
}

static bool random_event(double probability) { return random_bits() < probability * 4294967296.0; }

void line_start(const char *link, uint32_t baud, bool check_baud, uint64_t seed) {
  link_path = link;
  mcu_baud = baud;
  baud_is_checked = check_baud;
  random_state = seed * 2685821657736338717ULL + 1;
}

static bool replace_link(void) {
  struct stat status;
  if (lstat(link_path, &status) == 0) {
    if (!S_ISLNK(status.st_mode)) {
      errno = EEXIST;
      return false;
    }
    unlink(link_path);
  }
  return symlink(device_path, link_path) == 0;
}

bool line_plug(void) {
  if (master >= 0) {
    return true;
  }
  master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (master < 0) {
    return false;
  }
  struct termios raw;
  if (grantpt(master) || unlockpt(master) || ptsname_r(master, device_path, sizeof device_path) || tcgetattr(master, &raw)) {
    line_unplug();
    return false;
  }
  cfmakeraw(&raw);
  tcsetattr(master, TCSANOW, &raw);
  kept_open = open(device_path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (kept_open < 0 || (link_path && !replace_link())) {
    int reason = errno;
    line_unplug();
    errno = reason;
    return false;
  }
  return true;
}

void line_unplug(void) {
  if (master >= 0 && link_path) {
    char target[sizeof device_path];
    ssize_t length = readlink(link_path, target, sizeof target - 1);
    if (length > 0) {
      target[length] = 0;
      if (strcmp(target, device_path) == 0) {
        unlink(link_path);
      }
    }
  }
  if (kept_open >= 0) {
    close(kept_open);
  }
  if (master >= 0) {
    close(master);
  }
  master = kept_open = -1;
  device_path[0] = 0;
  line_discard();
}

const char *line_path(void) { return device_path; }

void line_cut(enum line_direction direction) { cut |= direction; }

void line_restore(enum line_direction direction) { cut &= ~direction; }

void line_corrupt(double rate, enum line_direction direction) {
  for (int way = TO_MCU; way <= TO_HOST; way <<= 1) {
    if (direction & way) {
      corruption[way] = rate;
    }
  }
}

// What becomes of a byte: 0, 1 or 2 bytes in out. Bits above the eighth are line errors.
static int damage(uint8_t byte, enum line_direction direction, uint16_t out[2]) {
  out[0] = byte;
  if (cut & direction) {
    return 0;
  }
  if (baud_differs) {
    // Sampled at the wrong rate: other bits, and often no stop bit where one should be.
    out[0] = (random_bits() & 0xFF) | (random_bits() & 1 ? LINE_FRAMING_ERROR : 0);
    return 1;
  }
  if (corruption[direction] <= 0 || !random_event(corruption[direction])) {
    return 1;
  }
  uint32_t kind = random_bits() & 7;
  if (kind == 0) {
    return 0;
  }
  if (kind == 1) {
    out[1] = byte;
    return 2;
  }
  out[0] = byte ^ (1 + random_bits() % 255);
  return 1;
}

static void put(uint16_t byte) {
  queue[head & QUEUE_MASK] = byte;
  head++;
  counters.to_mcu++;
}

size_t line_receive(void) {
  uint8_t bytes[512];
  size_t room = QUEUE_SIZE - (head - tail);
  // Twice: a byte may come out double.
  if (master < 0 || room < 2 * sizeof bytes) {
    return 0;
  }
  ssize_t count = read(master, bytes, sizeof bytes);
  if (count <= 0) {
    return 0;
  }
  if (baud_is_checked) {
    baud_differs = baud_of(master) != mcu_baud;
  }
  for (ssize_t i = 0; i < count; i++) {
    uint16_t out[2];
    int copies = damage(bytes[i], TO_MCU, out);
    for (int j = 0; j < copies; j++) {
      put(out[j]);
    }
    counters.lost += copies == 0;
  }
  return (size_t)count;
}

int line_take(void) { return tail == head ? -1 : queue[tail++ & QUEUE_MASK]; }

void line_discard(void) { tail = head; }

void line_send(uint8_t byte) {
  uint16_t out[2];
  int copies = damage(byte, TO_HOST, out);
  for (int i = 0; i < copies; i++) {
    uint8_t sent = (uint8_t)out[i];
    if (master >= 0 && write(master, &sent, 1) == 1) {
      counters.to_host++;
    } else {
      counters.lost++;
    }
  }
  counters.lost += copies == 0;
}

struct line_counters line_counters(void) { return counters; }
