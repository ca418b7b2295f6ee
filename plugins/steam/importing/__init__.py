"""An import of many maFiles: what people have is read, a plan is made of it, and the plan is carried out."""
