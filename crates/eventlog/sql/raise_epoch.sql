select log.raise_epoch($1, $2)
