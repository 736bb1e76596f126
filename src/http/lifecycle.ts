/** Whether the server still takes requests, and how many it is working on. */
export class Lifecycle {
  stopping = false;
  inFlight = 0;
}
