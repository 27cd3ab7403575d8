"""The PPO-Clip update of arXiv 1707.06347 in eager PyTorch, as the ppo-update benchmark's peer.

One thread; peer.py checks the networks against float64 and takes turns with the benchmark.
Modules, autograd, clip_grad_norm_ and torch.optim.Adam as in the usual implementations (CleanRL's, without its clipping of the value).
The rollout with its advantages is given, so that acting, values and advantages cost it nothing.
"""
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions.normal import Normal

import peer

OBS, ACT, HIDDEN, STEPS, BATCH = 17, 6, 64, 2048, 64
torch.set_num_threads(1)
torch.manual_seed(1)


def mlp(outputs):
    return nn.Sequential(nn.Linear(OBS, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, outputs))


actor, critic = mlp(2 * ACT), mlp(1)
parameters = [*actor.parameters(), *critic.parameters()]
adam = torch.optim.Adam(parameters, lr=3e-4, eps=1e-8)
CLIP, ENTROPY, VALUE, MAX_NORM = 0.2, 0.0, 1.0, 0.5


def distribution(observations):
    mean, pre_deviation = actor(observations).chunk(2, -1)
    return Normal(mean, F.softplus(pre_deviation), validate_args=False)


observations, advantages, returns = torch.randn(STEPS, OBS), torch.randn(STEPS), torch.randn(STEPS)
with torch.no_grad():
    acting = distribution(observations)
    actions = acting.sample()
    log_probabilities = acting.log_prob(actions).sum(1)
order, position = torch.randperm(STEPS), 0


def update():
    global order, position
    if position == STEPS:
        order, position = torch.randperm(STEPS), 0
    batch = order[position:position + BATCH]
    position += BATCH

    policy = distribution(observations[batch])
    log_ratio = policy.log_prob(actions[batch]).sum(1) - log_probabilities[batch]
    ratio = log_ratio.exp()
    with torch.no_grad():
        kl = ((ratio - 1) - log_ratio).mean()
        clipped = ((ratio - 1.0).abs() > CLIP).float().mean()
    advantage = advantages[batch]
    policy_loss = torch.max(-advantage * ratio, -advantage * ratio.clamp(1 - CLIP, 1 + CLIP)).mean()
    value_loss = 0.5 * ((critic(observations[batch]).view(-1) - returns[batch]) ** 2).mean()
    loss = policy_loss - ENTROPY * policy.entropy().sum(1).mean() + VALUE * value_loss
    adam.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, MAX_NORM)
    adam.step()
    return kl, clipped


peer.serve(update, [(actor, observations[:BATCH]), (critic, observations[:BATCH])], warm_up=32)
