/** What the load generator does; c/load says how. A broadcast needs a server that sends to everybody. */
export type Workload = "echo" | "broadcast" | "churn";
