"""How schools of one deployment divide what there is, so that none starves another: begin at ``shares``."""
