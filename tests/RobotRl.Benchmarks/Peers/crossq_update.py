"""The CrossQ update of arXiv 1902.05605 in eager PyTorch, as the crossq-update benchmark's peer.

One thread; peer.py checks the networks against float64 and takes turns with the benchmark.
Modules, autograd and torch.optim.Adam as in the usual implementations; the minibatch is given, so replay costs it nothing. The batch
renormalisation goes through torch's fused batch norm, which is quicker than the usual one of elementary operations (sb3-contrib's).
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

import peer

OBS, ACT, HIDDEN, BATCH, DELAY = 17, 6, 256, 256, 3
torch.set_num_threads(1)
torch.manual_seed(1)


class BatchRenorm(nn.Module):
    """arXiv 1702.03275 past its warm-up: x_hat = (x - mean) / std * r + d, no gradient through r and d."""

    def __init__(self, size, momentum=0.01, eps=1e-3, r_max=3.0, d_max=5.0):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))
        self.register_buffer("running_mean", torch.zeros(size))
        self.register_buffer("running_var", torch.ones(size))
        self.momentum, self.eps, self.r_max, self.d_max = momentum, eps, r_max, d_max

    def forward(self, x):
        if not self.training:
            return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)
        with torch.no_grad():
            var, mean = torch.var_mean(x, 0, unbiased=False)
            running_std = (self.running_var + self.eps).sqrt()
            r = ((var + self.eps).sqrt() / running_std).clamp(1 / self.r_max, self.r_max)
            d = ((mean - self.running_mean) / running_std).clamp(-self.d_max, self.d_max)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var, self.momentum)
        return F.batch_norm(x, None, None, self.weight * r, torch.addcmul(self.bias, self.weight, d), True, 0.0, self.eps)


def mlp(inputs, outputs):
    return nn.Sequential(
        BatchRenorm(inputs), nn.Linear(inputs, HIDDEN), nn.ReLU(), BatchRenorm(HIDDEN), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), BatchRenorm(HIDDEN), nn.Linear(HIDDEN, outputs))


actor = mlp(OBS, 2 * ACT)
critics = [mlp(OBS + ACT, 1) for _ in range(2)]
critic_parameters = [p for critic in critics for p in critic.parameters()]
log_alpha = torch.zeros(1, requires_grad=True)
actor_adam = torch.optim.Adam(actor.parameters(), lr=1e-3, betas=(0.5, 0.999))
critic_adam = torch.optim.Adam(critic_parameters, lr=1e-3, betas=(0.5, 0.999))
alpha_adam = torch.optim.Adam([log_alpha], lr=1e-3, betas=(0.5, 0.999))

states, actions, next_states = torch.randn(BATCH, OBS), torch.randn(BATCH, ACT).tanh(), torch.randn(BATCH, OBS)
rewards, continues = torch.randn(BATCH, 1), torch.ones(BATCH, 1)
updates = 0


def sample(observations):
    mean, log_std = actor(observations).chunk(2, -1)
    log_std = log_std.clamp(-20, 2)
    noise = torch.randn_like(mean)
    pre_squash = mean + log_std.exp() * noise
    log_pi = -0.5 * noise**2 - log_std - 0.5 * math.log(2 * math.pi)
    log_pi = log_pi - 2 * (math.log(2) - pre_squash - F.softplus(-2 * pre_squash))
    return pre_squash.tanh(), log_pi.sum(-1, keepdim=True)


def set_training(networks, training):
    for network in networks:
        network.train(training)


set_training([actor], False)


def update():
    global updates
    updates += 1
    alpha = log_alpha.exp().detach()
    with torch.no_grad():
        next_actions, next_log_pi = sample(next_states)
    inputs = torch.cat([torch.cat([states, actions], -1), torch.cat([next_states, next_actions], -1)])
    pairs = [critic(inputs).chunk(2) for critic in critics]
    with torch.no_grad():
        backup = rewards + 0.99 * continues * (torch.min(pairs[0][1], pairs[1][1]) - alpha * next_log_pi)
    critic_loss = sum(0.5 * F.mse_loss(value, backup) for value, _ in pairs)
    critic_adam.zero_grad()
    critic_loss.backward()
    critic_adam.step()
    if updates % DELAY:
        return

    set_training(critics, False)
    set_training([actor], True)
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
    set_training(critics, True)
    set_training([actor], False)

    alpha_loss = -(log_alpha * (log_pi.detach() - ACT)).mean()
    alpha_adam.zero_grad()
    alpha_loss.backward()
    alpha_adam.step()


peer.serve(update, [(actor, states), *[(critic, torch.cat([states, actions], -1)) for critic in critics]], warm_up=9)
