import { testOps } from '../opspec/suite.js'
import { specs } from './activations.spec.js'

testOps(specs)
