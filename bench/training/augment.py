"""torchvision's side of augment.ts: the same transforms, an image at a time in two worker processes. Needs torch and torchvision."""
import time

import torch
from torchvision.transforms import v2

NORMALIZE = [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.491, 0.482, 0.447], [0.247, 0.243, 0.262])]
TRANSFORMS = {
    "none": v2.Identity(),
    "randAugment": v2.RandAugment(),
    "training": v2.Compose([v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip(), v2.RandAugment(), *NORMALIZE]),
}


class Pictures(torch.utils.data.Dataset):
    def __init__(self, images, transform):
        self.data = torch.randint(0, 256, (images, 3, 32, 32), dtype=torch.uint8)
        self.transform = transform

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self.transform(self.data[index]), index % 10


if __name__ == "__main__":
    images = 20_000
    for name, transform in TRANSFORMS.items():
        loader = torch.utils.data.DataLoader(Pictures(images, transform), batch_size=256, shuffle=True, num_workers=2)
        begin = time.perf_counter()
        for _ in loader:
            pass
        print(f"torchvision {name}: {images / (time.perf_counter() - begin):.0f} images/s")
