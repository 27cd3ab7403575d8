#!/usr/bin/env python3
"""Writes gymnasium_reference.csv: steps of Gymnasium's own classic-control tasks, for our simulators to agree with.

Needs Gymnasium (made with 1.4.0, commit 3f0476a8) and NumPy (made with 1.24.2) on the Python path:
    python3 tests/reference/gymnasium_reference.py > tests/reference/gymnasium_reference.csv

Actions are float64, so that every product is taken in double precision, and written with the states in full (repr).
Columns: task, episode, step, action, state before (4, padded with 0), state after (4), reward, terminated, truncated.
"""
import math

import gymnasium
import numpy as np


def pendulum_pump(state, step, random):
    """Random torque first, then an energy pump, which drives it against the speed limit."""
    if step < 60:
        return random.uniform(-2, 2)
    return 2.0 if state[1] >= 0 else -2.0


def random_torque(state, step, random):
    return random.uniform(-2, 2)


def car_pump(state, step, random):
    """Along the velocity: up and over the hill."""
    return 1.0 if state[1] >= 0 else -1.0


def car_left(state, step, random):
    """Swings up to the left wall and stays about it for a while."""
    return random.uniform(-1, 0.2) if state[1] > 0 else -1.0


def pole_random(state, step, random):
    return int(random.integers(2))


def pole_balance(state, step, random):
    """Holds the pole up to the time limit."""
    return 1 if state[2] + 0.5 * state[3] + 0.05 * state[0] + 0.1 * state[1] > 0 else 0


EPISODES = [
    ("Pendulum-v1", 1, None, random_torque, 200),
    ("Pendulum-v1", 2, [0.5, 7.5], pendulum_pump, 120),
    ("Pendulum-v1", 3, [-40.0, -1.0], random_torque, 20),
    ("MountainCarContinuous-v0", 1, None, car_pump, 999),
    ("MountainCarContinuous-v0", 2, [-1.1, -0.06], car_left, 60),
    ("CartPole-v1", 1, None, pole_random, 500),
    ("CartPole-v1", 2, None, pole_random, 500),
    ("CartPole-v1", 3, [2.3, 1.0, 0.0, 0.0], pole_random, 500),
    ("CartPole-v1", 4, None, pole_balance, 500),
]


def number(value):
    return repr(float(value))


def main():
    print("task,episode,step,action,a0,a1,a2,a3,b0,b1,b2,b3,reward,terminated,truncated")
    for task, episode, start, policy, limit in EPISODES:
        random = np.random.default_rng(episode)
        environment = gymnasium.make(task, disable_env_checker=True)
        environment.reset(seed=episode)
        if start is not None:
            environment.unwrapped.state = np.array(start, dtype=np.float64)
        for step in range(limit):
            before = [float(v) for v in environment.unwrapped.state]
            action = policy(before, step, random)
            given = action if isinstance(action, int) else np.array([action], dtype=np.float64)
            _, reward, terminated, truncated, _ = environment.step(given)
            after = [float(v) for v in environment.unwrapped.state]
            padding = [0.0] * (4 - len(before))
            numbers = [action, *before, *padding, *after, *padding, reward]
            print(",".join([task, str(episode), str(step), *map(number, numbers), str(int(terminated)), str(int(truncated))]))
            assert all(map(math.isfinite, after))
            if terminated or truncated:
                break


if __name__ == "__main__":
    main()
