import { testOps } from '../opspec/suite.js'
import { specs } from './fft.spec.js'

testOps(specs)
