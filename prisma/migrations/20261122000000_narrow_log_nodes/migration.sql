-- A node was the root of 256 nodes of the level below, and is that of 16 now. They are derived from the leaves: whoever signs next, or exports, makes them anew.
truncate access_log_node;
