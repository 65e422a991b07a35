import { testOps } from '../opspec/suite.js'
import { specs } from './axes.spec.js'

testOps(specs)
