#include "trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static FILE *file;

int64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool trace_open(const char *path) {
  file = fopen(path, "we");
  if (!file) {
    return false;
  }
  fputs("monotonic_ns,cycle,event,value\n", file);
  return true;
}

void trace_close(void) {
  if (file) {
    fclose(file);
    file = NULL;
  }
}

void trace_event(uint64_t cycle, const char *event, int64_t value) {
  if (file) {
    fprintf(file, "%" PRId64 ",%" PRIu64 ",%s,%" PRId64 "\n", monotonic_ns(), cycle, event, value);
  }
}

void trace_words(uint64_t cycle, const char *event, const char *words) {
  if (file) {
    fprintf(file, "%" PRId64 ",%" PRIu64 ",%s,%s\n", monotonic_ns(), cycle, event, words);
  }
}

void trace_flush(void) {
  if (file) {
    fflush(file);
  }
}
