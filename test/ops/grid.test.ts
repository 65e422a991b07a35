import { testOps } from '../opspec/suite.js'
import { specs } from './grid.spec.js'

testOps(specs)
