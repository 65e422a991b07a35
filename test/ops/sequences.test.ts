import { testOps } from '../opspec/suite.js'
import { specs } from './sequences.spec.js'

testOps(specs)
