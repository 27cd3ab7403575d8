#include "plant.h"

#include <math.h>

// Gear motor: Pololu 37D, item 4748 (12 V, 10:1, encoder of 64 counts a turn). From its data sheet, at the output shaft:
// 1,000 rpm and 0.2 A without load; stall (extrapolated) 0.481 N m and 5.5 A.
#define NOMINAL_V 12.0
#define STALL_A 5.5
#define STALL_NM 0.481
#define NO_LOAD_A 0.2
#define NO_LOAD_RAD_S (1000.0 * 2.0 * M_PI / 60.0)
#define RESISTANCE (NOMINAL_V / STALL_A)
#define BACK_EMF ((NOMINAL_V - NO_LOAD_A * RESISTANCE) / NO_LOAD_RAD_S)
// Not on the data sheet: how its friction divides. Two thirds are taken for Coulomb friction, static friction for 1.3 of that.
#define COULOMB_NM 0.012
#define STATIC_NM (1.3 * COULOMB_NM)
#define TORQUE_PER_A ((STALL_NM + COULOMB_NM) / STALL_A)
#define VISCOUS ((TORQUE_PER_A * NO_LOAD_A - COULOMB_NM) / NO_LOAD_RAD_S)
// Not on the data sheet: rotor 1.6e-6 kg m2, seen through the gear's square; heat to the air 12 K/W, 60 J/K.
#define ROTOR_INERTIA (1.6e-6 * 10.0 * 10.0)
#define HEAT_RESISTANCE 12.0
#define HEAT_CAPACITY 60.0
#define AMBIENT_C 25.0

// Arm: aluminium bar 230 x 20 x 3 mm (37 g, held 10 mm from its end) and a 120 g weight at 200 mm.
#define GRAVITY 9.81
#define BAR_KG 0.037
#define BAR_CENTRE_M 0.105
#define BAR_INERTIA (BAR_KG * 0.23 * 0.23 / 12.0 + BAR_KG * BAR_CENTRE_M * BAR_CENTRE_M)
#define WEIGHT_KG 0.120
#define WEIGHT_M 0.200
#define GRAVITY_NM (GRAVITY * (BAR_KG * BAR_CENTRE_M + WEIGHT_KG * WEIGHT_M))
#define INERTIA (BAR_INERTIA + WEIGHT_KG * WEIGHT_M * WEIGHT_M + ROTOR_INERTIA)

// Supply: 12 V with the resistance of its leads. The bridge swallows about 1 us of each on-time: the dead-band of 0.2 V.
#define SUPPLY_OHM 0.1
#define BRIDGE_DEAD_DUTY (1.0e-6 * 16000.0)

void plant_start(struct plant *plant) {
  *plant = (struct plant){.supply = NOMINAL_V, .winding_c = AMBIENT_C, .supply_on = true};
}

static double bridge_voltage(double duty, double supply) {
  double magnitude = fabs(duty) - BRIDGE_DEAD_DUTY;
  return magnitude > 0 ? copysign(magnitude, duty) * supply : 0;
}

// Coulomb friction that holds as long as it can: the torque left over, with the arm at rest or not.
static double after_friction(double torque, double velocity) {
  if (velocity != 0) {
    return torque - copysign(COULOMB_NM, velocity) - VISCOUS * velocity;
  }
  return fabs(torque) <= STATIC_NM ? 0 : torque - copysign(COULOMB_NM, torque);
}

static void count_wear(struct plant *plant, double voltage) {
  if (fabs(plant->current) > plant->peak_current) {
    plant->peak_current = fabs(plant->current);
  }
  int sign = (voltage > 0) - (voltage < 0);
  if (sign != 0) {
    if (plant->last_sign == -sign) {
      plant->reversals++;
    }
    plant->last_sign = sign;
  }
}

void plant_step(struct plant *plant, bool enabled, double duty) {
  // Without motor supply the bridge switches nothing.
  bool driven = enabled && plant->supply_on;
  double voltage = driven ? bridge_voltage(duty, plant->supply) : 0;
  plant->current = driven ? (voltage - BACK_EMF * plant->velocity) / RESISTANCE : 0;
  plant->supply = plant->supply_on ? NOMINAL_V - SUPPLY_OHM * fabs(duty * plant->current) : 0;
  count_wear(plant, voltage);

  double heat = plant->current * plant->current * RESISTANCE - (plant->winding_c - AMBIENT_C) / HEAT_RESISTANCE;
  plant->winding_c += PLANT_STEP_S * heat / HEAT_CAPACITY;

  double torque = TORQUE_PER_A * plant->current - GRAVITY_NM * sin(plant->angle);
  if (plant->push_steps > 0) {
    plant->push_steps--;
    torque += plant->push_torque;
  }
  double velocity = plant->velocity + PLANT_STEP_S * after_friction(torque, plant->velocity) / INERTIA;
  // Through zero: friction catches it there; the next step decides whether it holds.
  plant->velocity = plant->velocity * velocity < 0 ? 0 : velocity;
  plant->angle += PLANT_STEP_S * plant->velocity;
  plant->steps++;
}

int32_t plant_count(const struct plant *plant) {
  return (int32_t)floor(plant->angle * PLANT_COUNTS_PER_TURN / (2 * M_PI) + 0.5);
}
