import { testOps } from '../opspec/suite.js'
import { specs } from './stft.spec.js'

testOps(specs)
