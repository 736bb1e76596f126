-- The right edge of the log's tree after more leaves: `leaves` and the answer are hashes of 32 bytes one after the other, the edge from the largest
-- complete subtree to the smallest (docs/FORMAT.md, access log). For instances that append at the same time: none of them has to ask first where the log ends.
create function access_log_frontier(size bigint, frontier bytea, leaves bytea) returns bytea
  language plpgsql immutable strict parallel safe as $$
declare
  edge bytea[] := '{}';
  top int := length(frontier) / 32;
  node bytea;
  rest bigint;
begin
  if length(frontier) <> 32 * bit_count(size::bit(64)) or length(leaves) % 32 <> 0 then
    raise exception 'the frontier does not fit the tree size' using errcode = 'data_corrupted';
  end if;
  for i in 1 .. top loop
    edge[i] := substring(frontier from i * 32 - 31 for 32);
  end loop;
  for i in 0 .. length(leaves) / 32 - 1 loop
    node := substring(leaves from i * 32 + 1 for 32);
    rest := size + i;
    -- Each trailing one of the size is a complete subtree as large as the node: the two join.
    while rest & 1 = 1 loop
      node := sha256('\x01'::bytea || edge[top] || node);
      top := top - 1;
      rest := rest >> 1;
    end loop;
    top := top + 1;
    edge[top] := node;
  end loop;
  return (select string_agg(edge[i], ''::bytea order by i) from generate_series(1, top) as i);
end $$;
