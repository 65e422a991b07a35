import * as models from '#lib/models/index.js'
import type { Module } from '#lib/nn/index.js'
import { countOf, type Published } from './published.js'

const at = (source: string, parameters: number, name: string, build: () => Module): Published => ({
  name,
  source,
  parameters,
  count: () => countOf(build),
})

/** As torchvision's documentation has them. */
const torchvision = (parameters: number, name: string, build: () => Module): Published =>
  at('torchvision', parameters, name, build)

export const cnn: readonly Published[] = [
  // 156 + 2,416 + 48,120 + 10,164 + 850 of C1, C3 (with all connections), C5, F6 and the output layer.
  at('LeCun et al. 1998, today’s form', 61_706, 'LeNet-5', () => new models.LeNet()),
  torchvision(132_863_336, 'VGG-11', models.vgg11),
  torchvision(132_868_840, 'VGG-11 with batch norm', models.vgg11BatchNorm),
  torchvision(133_047_848, 'VGG-13', models.vgg13),
  torchvision(133_053_736, 'VGG-13 with batch norm', models.vgg13BatchNorm),
  torchvision(138_357_544, 'VGG-16', models.vgg16),
  torchvision(138_365_992, 'VGG-16 with batch norm', models.vgg16BatchNorm),
  torchvision(143_667_240, 'VGG-19', models.vgg19),
  torchvision(143_678_248, 'VGG-19 with batch norm', models.vgg19BatchNorm),
  torchvision(11_689_512, 'ResNet-18', models.resnet18),
  torchvision(21_797_672, 'ResNet-34', models.resnet34),
  torchvision(25_557_032, 'ResNet-50', models.resnet50),
  torchvision(44_549_160, 'ResNet-101', models.resnet101),
  torchvision(60_192_808, 'ResNet-152', models.resnet152),
  torchvision(25_028_904, 'ResNeXt-50 32x4d', models.resnext50_32x4d),
  torchvision(88_791_336, 'ResNeXt-101 32x8d', models.resnext101_32x8d),
  torchvision(83_455_272, 'ResNeXt-101 64x4d', models.resnext101_64x4d),
  torchvision(68_883_240, 'Wide ResNet-50-2', models.wideResnet50_2),
  torchvision(126_886_696, 'Wide ResNet-101-2', models.wideResnet101_2),
  torchvision(3_504_872, 'MobileNetV2', models.mobilenetV2),
  torchvision(5_483_032, 'MobileNetV3 large', models.mobilenetV3Large),
  torchvision(2_542_856, 'MobileNetV3 small', models.mobilenetV3Small),
  torchvision(5_288_548, 'EfficientNet-B0', models.efficientnetB0),
  torchvision(7_794_184, 'EfficientNet-B1', models.efficientnetB1),
  torchvision(9_109_994, 'EfficientNet-B2', models.efficientnetB2),
  torchvision(12_233_232, 'EfficientNet-B3', models.efficientnetB3),
  torchvision(19_341_616, 'EfficientNet-B4', models.efficientnetB4),
  torchvision(30_389_784, 'EfficientNet-B5', models.efficientnetB5),
  torchvision(43_040_704, 'EfficientNet-B6', models.efficientnetB6),
  torchvision(66_347_960, 'EfficientNet-B7', models.efficientnetB7),
  torchvision(21_458_488, 'EfficientNetV2-S', models.efficientnetV2S),
  torchvision(54_139_356, 'EfficientNetV2-M', models.efficientnetV2M),
  torchvision(118_515_272, 'EfficientNetV2-L', models.efficientnetV2L),
  torchvision(28_589_128, 'ConvNeXt-T', models.convnextTiny),
  torchvision(50_223_688, 'ConvNeXt-S', models.convnextSmall),
  torchvision(88_591_464, 'ConvNeXt-B', models.convnextBase),
  torchvision(197_767_336, 'ConvNeXt-L', models.convnextLarge),
  // Of the 3x3 convolutions of levels c = 64 to 1024, 2x2 transposed ones and the last: counted from the paper's figure 1.
  at('Ronneberger et al. 2015, figure 1', 31_030_658, 'U-Net', () => new models.UNet()),
  at(
    'milesial/Pytorch-UNet, three channels and one class',
    31_037_633,
    'U-Net with batch norm, padded',
    () => new models.UNet({ inChannels: 3, classes: 1, padding: 'same', batchNorm: true }),
  ),
  // Two hidden layers of 400, mean and variance of 20 latent variables, 784 pixels.
  at('PyTorch’s example', 652_824, 'VAE', () => new models.VAE()),
]
