"""The SAC update of arXiv 1812.05905 (twin Q, learned temperature) in eager PyTorch, as the sac-update benchmark's peer.

One thread; peer.py checks the networks against float64 and takes turns with the benchmark.
Modules, autograd and torch.optim.Adam as in the usual implementations; the minibatch is given, so replay costs it nothing.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

import peer

OBS, ACT, HIDDEN, BATCH = 17, 6, 256, 256
torch.set_num_threads(1)
torch.manual_seed(1)


def mlp(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, outputs))


actor = mlp(OBS, 2 * ACT)
critics = [mlp(OBS + ACT, 1) for _ in range(2)]
targets = [mlp(OBS + ACT, 1) for _ in range(2)]
for critic, target in zip(critics, targets):
    target.load_state_dict(critic.state_dict())
critic_parameters = [p for critic in critics for p in critic.parameters()]
target_parameters = [p for target in targets for p in target.parameters()]
log_alpha = torch.zeros(1, requires_grad=True)
actor_adam = torch.optim.Adam(actor.parameters(), lr=3e-4)
critic_adam = torch.optim.Adam(critic_parameters, lr=3e-4)
alpha_adam = torch.optim.Adam([log_alpha], lr=3e-4)

states, actions, next_states = torch.randn(BATCH, OBS), torch.randn(BATCH, ACT).tanh(), torch.randn(BATCH, OBS)
rewards, continues = torch.randn(BATCH, 1), torch.ones(BATCH, 1)


def sample(observations):
    mean, log_std = actor(observations).chunk(2, -1)
    log_std = log_std.clamp(-20, 2)
    noise = torch.randn_like(mean)
    pre_squash = mean + log_std.exp() * noise
    log_pi = -0.5 * noise**2 - log_std - 0.5 * math.log(2 * math.pi)
    log_pi = log_pi - 2 * (math.log(2) - pre_squash - F.softplus(-2 * pre_squash))
    return pre_squash.tanh(), log_pi.sum(-1, keepdim=True)


def update():
    alpha = log_alpha.exp().detach()
    with torch.no_grad():
        next_actions, next_log_pi = sample(next_states)
        inputs = torch.cat([next_states, next_actions], -1)
        value = torch.min(targets[0](inputs), targets[1](inputs)) - alpha * next_log_pi
        backup = rewards + 0.99 * continues * value
    inputs = torch.cat([states, actions], -1)
    critic_loss = sum(0.5 * F.mse_loss(critic(inputs), backup) for critic in critics)
    critic_adam.zero_grad()
    critic_loss.backward()
    critic_adam.step()

    for p in critic_parameters:
        p.requires_grad_(False)
    new_actions, log_pi = sample(states)
    inputs = torch.cat([states, new_actions], -1)
    actor_loss = (alpha * log_pi - torch.min(critics[0](inputs), critics[1](inputs))).mean()
    actor_adam.zero_grad()
    actor_loss.backward()
    actor_adam.step()
    for p in critic_parameters:
        p.requires_grad_(True)

    alpha_loss = -(log_alpha * (log_pi.detach() - ACT)).mean()
    alpha_adam.zero_grad()
    alpha_loss.backward()
    alpha_adam.step()

    with torch.no_grad():
        for p, t in zip(critic_parameters, target_parameters):
            t.lerp_(p, 0.005)


peer.serve(update, [(actor, states), *[(critic, torch.cat([states, actions], -1)) for critic in critics]], warm_up=10)
