// Motor, gear, pendulum arm, supply: what the firmware's pins drive and what its sensors see.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Length of one step, s, and in cycles of the MCU.
#define PLANT_STEP_S 50e-6
#define PLANT_STEP_CYCLES 800

#define PLANT_COUNTS_PER_TURN 640

struct plant {
  double angle;        // rad, 0 hanging
  double velocity;     // rad/s
  double current;      // motor, A
  double supply;       // at the bridge, V
  double winding_c;    // motor winding, degrees Celsius
  double push_torque;  // a hand on the arm, N m
  uint32_t push_steps; // how long it stays
  bool supply_on;      // the emergency stop switch lets the supply through

  // Wear.
  double peak_current; // A
  uint64_t reversals;  // of the motor voltage's sign
  uint64_t steps;
  int last_sign;
};

void plant_start(struct plant *plant);

// One step. enabled: the bridge's enable pin; duty: -1 to 1.
void plant_step(struct plant *plant, bool enabled, double duty);

// The encoder's count at the plant's angle.
int32_t plant_count(const struct plant *plant);
