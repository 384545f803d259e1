// Code of the worker threads in which the test runners run programs.
import { serveRunner } from '../../runtime-wasm/host/worker.mjs';

serveRunner();
