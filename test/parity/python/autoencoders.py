"""Autoencoders; the variational one with the names and the arithmetic of PyTorch's example, its noise given."""

import torch
from torch import nn
from torch.nn import functional as F

from parity import Case


class Autoencoder(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = nn.Sequential(*encoder), nn.Sequential(*decoder)

    def forward(self, x):
        return self.decoder(self.encoder(x))


class VAE(nn.Module):
    """Kingma and Welling 2013."""

    def __init__(self, inputs, hidden, latent, activation):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(inputs, hidden), nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.fc3, self.fc4, self.activation = nn.Linear(latent, hidden), nn.Linear(hidden, inputs), activation

    def forward(self, x, noise):
        hidden = self.activation(self.fc1(x))
        mean, log_variance = self.fc21(hidden), self.fc22(hidden)
        logits = self.fc4(self.activation(self.fc3(mean + (0.5 * log_variance).exp() * noise)))
        return logits, mean, log_variance


def bernoulli(module, inputs):
    x = torch.sigmoid(inputs["x"])
    logits, mean, log_variance = module(x, inputs["noise"])
    missed = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
    divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
    return logits, mean, log_variance, (missed + divergence) / len(x)


def gaussian(module, inputs):
    x = inputs["x"]
    logits, mean, log_variance = module(x, inputs["noise"])
    posterior = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    divergence = torch.distributions.kl_divergence(posterior, prior).sum()
    return logits, mean, log_variance, (0.5 * (logits - x).square().sum() + 4 * divergence) / len(x)


def linear():
    return Autoencoder(
        [nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 3)], [nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 12), nn.Sigmoid()]
    )


def convolutional():
    halves = [nn.Conv2d(2, 4, 3, 2, 1), nn.SiLU(), nn.Conv2d(4, 6, 3, 2, 1)]
    doubles = [nn.ConvTranspose2d(6, 4, 3, 2, 1, 1), nn.SiLU(), nn.ConvTranspose2d(4, 2, 3, 2, 1, 1)]
    return Autoencoder(halves, doubles)


def sample(features, latent):
    return {"x": torch.randn(3, features), "noise": torch.randn(3, latent)}


CASES = [
    Case("autoencoder", linear(), {"x": torch.randn(4, 12)}, source="Hinton and Salakhutdinov 2006"),
    Case("convAutoencoder", convolutional(), {"x": torch.randn(2, 2, 8, 12)}, source="Masci et al. 2011"),
    Case("vae", VAE(10, 6, 3, torch.relu), sample(10, 3), call=bernoulli, source="Kingma and Welling 2013"),
    Case("betaVaeGaussian", VAE(7, 5, 2, torch.tanh), sample(7, 2), call=gaussian, source="Higgins et al. 2017"),
]
