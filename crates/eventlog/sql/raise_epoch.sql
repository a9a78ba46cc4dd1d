update log.partition set epoch = epoch + 1 where partition = $1 and epoch = $2 returning epoch
