"""The TD3 update of arXiv 1802.09477 in eager PyTorch, as the td3-update benchmark's peer.

One thread; peer.py checks the networks against float64 and takes turns with the benchmark.
Modules, autograd and torch.optim.Adam as in the usual implementations; the minibatch is given, so replay costs it nothing.
"""
import torch
import torch.nn.functional as F
from torch import nn

import peer

OBS, ACT, HIDDEN, BATCH, DELAY = 17, 6, 256, 256, 2
torch.set_num_threads(1)
torch.manual_seed(1)


def mlp(inputs, outputs, *last):
    return nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, outputs), *last)


actor, target_actor = mlp(OBS, ACT, nn.Tanh()), mlp(OBS, ACT, nn.Tanh())
critics, targets = [[mlp(OBS + ACT, 1) for _ in range(2)] for _ in range(2)]
target_actor.load_state_dict(actor.state_dict())
for critic, target in zip(critics, targets):
    target.load_state_dict(critic.state_dict())
critic_parameters = [p for critic in critics for p in critic.parameters()]
online = [*actor.parameters(), *critic_parameters]
slow = [*target_actor.parameters(), *[p for target in targets for p in target.parameters()]]
actor_adam = torch.optim.Adam(actor.parameters(), lr=3e-4)
critic_adam = torch.optim.Adam(critic_parameters, lr=3e-4)

states, actions, next_states = torch.randn(BATCH, OBS), torch.randn(BATCH, ACT).tanh(), torch.randn(BATCH, OBS)
rewards, continues = torch.randn(BATCH, 1), torch.ones(BATCH, 1)
updates = 0


def update():
    global updates
    updates += 1
    with torch.no_grad():
        noise = (torch.randn_like(actions) * 0.2).clamp(-0.5, 0.5)
        next_actions = (target_actor(next_states) + noise).clamp(-1, 1)
        inputs = torch.cat([next_states, next_actions], -1)
        backup = rewards + 0.99 * continues * torch.min(targets[0](inputs), targets[1](inputs))
    inputs = torch.cat([states, actions], -1)
    critic_loss = sum(F.mse_loss(critic(inputs), backup) for critic in critics)
    critic_adam.zero_grad()
    critic_loss.backward()
    critic_adam.step()
    if updates % DELAY:
        return

    for p in critics[0].parameters():
        p.requires_grad_(False)
    actor_loss = -critics[0](torch.cat([states, actor(states)], -1)).mean()
    actor_adam.zero_grad()
    actor_loss.backward()
    actor_adam.step()
    for p in critics[0].parameters():
        p.requires_grad_(True)

    with torch.no_grad():
        for p, t in zip(online, slow):
            t.lerp_(p, 0.005)


peer.serve(update, [(actor, states), *[(critic, torch.cat([states, actions], -1)) for critic in critics]], warm_up=10)
