import { testOps } from '../opspec/suite.js'
import { specs } from './fold.spec.js'

testOps(specs)
