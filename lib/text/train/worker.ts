// Entry of the thread in which a tokenizer is learnt. Place in the whole: started by run.ts for one task.
import { parentPort, workerData } from 'node:worker_threads'
import { learn, type Task } from './task.js'

parentPort?.postMessage(learn(workerData as Task))
