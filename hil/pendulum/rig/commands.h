// The commands of the control channel.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plant.h"

struct pace_counters {
  unsigned long quanta, late, slips;
  double slipped_s, worst_lag_s;
};

// What they act on.
void commands_start(struct plant *plant, struct pace_counters *pace);

// Does one line; the answer, without line end, in answer. True where the rig shall end.
bool commands_do(char *line, char *answer, size_t size);
